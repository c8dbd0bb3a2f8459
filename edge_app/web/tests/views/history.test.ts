import { beforeEach, expect, test } from 'vitest';
import { summed, type KeptCase } from '../../src/readings/kept';
import { setLanguage } from '../../src/shared/language';
import { dayName } from '../../src/views/history/days';
import { matching, type Filter, type Kind } from '../../src/views/history/filter';
import { reading } from '../readings/samples';

function kept(id: string, changes: Parameters<typeof reading>[0], written: Partial<KeptCase> = {}): KeptCase {
  const facts = { id, patientCode: '', note: '', study: null };
  return { ...summed(facts, [reading(changes)], []), ...written };
}

const cases = [
  kept('tumour', {}, { patientCode: 'P7', note: 'Left side' }),
  kept('none', { label: 'no_tumor' }, { names: ['Budi.png'] }),
  kept('unsure', { verdict: 'unsure' }),
  kept('refused', { verdict: 'refused', label: null }),
];

function found(text: string, kind: Kind = 'all'): string[] {
  const filter: Filter = { text, kind, rows: 0 };
  return matching(cases, filter).map(({ id }) => id);
}

beforeEach(() => {
  setLanguage('en');
});

test('every word is looked for, wherever it stands', () => {
  expect(found('')).toHaveLength(4);
  expect(found(' left  p7 ')).toEqual(['tumour']);
  expect(found('left p8')).toEqual([]);
  expect(found('BUDI')).toEqual(['none']);
  expect(found('glioma')).toEqual(['tumour', 'unsure']);
  expect(found('possibly')).toEqual(['unsure']);
  setLanguage('id');
  expect(found('mungkin')).toEqual(['unsure']);
});

test.each([
  ['all', 4],
  ['tumour', 1],
  ['none', 1],
  ['unsure', 1],
  ['refused', 1],
] as const)('kind %s', (kind, count) => {
  expect(found('', kind)).toHaveLength(count);
});

test('days are those of the calendar', () => {
  const now = new Date(2026, 2, 1, 0, 30).getTime();
  const hour = 3_600_000;
  expect(dayName(now - hour / 4, now)).toBe('Today');
  expect(dayName(now - hour, now)).toBe('Yesterday');
  expect(dayName(now - 24 * hour, now)).toBe('Yesterday');
  expect(dayName(now - 25 * hour, now)).toMatch(/27 February 2026/);
  setLanguage('id');
  expect(dayName(now - 25 * hour, now)).toMatch(/27 Februari 2026/);
});
