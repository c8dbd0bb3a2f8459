import { expect, test } from 'vitest';
import { mostSuspicious, summed } from '../../src/readings/kept';
import { reading } from './samples';

const clear = reading({ id: 'clear', label: 'no_tumor', probabilities: { glioma: 0.1, no_tumor: 0.9 } });
const refused = reading({ id: 'refused', verdict: 'refused', label: null });
const tumour = reading({ id: 'tumour', probabilities: { glioma: 0.8, no_tumor: 0.2 } });

test('a case is named after its most suspicious slice, and keeps the order of its slices', () => {
  const facts = { id: 'case', patientCode: 'P7', note: 'look again', study: null };
  const kept = summed(facts, [refused, clear, tumour], ['a', 'b', 'c']);
  expect(kept).toMatchObject({ ...facts, time: refused.time, names: ['a', 'b', 'c'] });
  expect(kept.readings).toEqual(['refused', 'clear', 'tumour']);
  const { verdict, label, labels, probabilities } = tumour;
  expect(kept.mostSuspicious).toEqual({ verdict, label, labels, probabilities });
});

test('what was refused is the least suspicious, and something when there is nothing else', () => {
  expect(mostSuspicious([refused, clear]).id).toBe('clear');
  expect(mostSuspicious([refused]).id).toBe('refused');
});
