import { beforeEach, describe, expect, test } from 'vitest';
import { REASONS, say, setLanguage } from '../../src/shared/language';
import * as wording from '../../src/views/wording';
import { reading } from '../readings/samples';

const labels = [
  { name: 'glioma', en: 'Glioma', id: 'Glioma' },
  { name: 'no_tumor', en: 'No tumour', id: 'Tidak ada tumor' },
  { name: 'cyst', en: 'Cyst', id: 'Kista' },
];

const tumour = reading({ labels, reasons: [] });
const unsure = reading({ labels, verdict: 'unsure', reasons: ['low_confidence', 'small'] });
const clear = reading({ labels, label: 'no_tumor' });
const refused = reading({ labels, verdict: 'refused', label: null, reasons: ['colour'] });

beforeEach(() => {
  setLanguage('en');
});

describe('headlines', () => {
  test('an answer', () => {
    expect([wording.headline(tumour), wording.shortHeadline(tumour)]).toEqual(['Glioma', 'Glioma']);
  });

  test('an unsure one leads with itself, whatever the guess', () => {
    const both = [unsure, { ...clear, verdict: 'unsure' } as const];
    for (const each of both) {
      expect(wording.headline(each)).toBe('Not certain: a tumour is not ruled out');
    }
    expect(both.map(wording.shortHeadline)).toEqual([
      'Not certain, possibly glioma',
      'Not certain: a tumour is not ruled out',
    ]);
    expect(both.map(wording.guess)).toEqual([
      ['Most probable: glioma, 75%'],
      ['Most probable: none of the three tumours seen, 25%'],
    ]);
  });

  test('an answer alone has a percentage beside it', () => {
    expect([tumour, clear, unsure, refused].map(wording.certainty)).toEqual(['75%', '25%', '', '']);
    expect([tumour, clear, refused].flatMap(wording.guess)).toEqual([]);
  });

  test('none of three tumours is not told as a healthy brain', () => {
    expect(wording.headline(clear)).toBe('No glioma, meningioma or pituitary tumour seen on this slice');
    expect(wording.shortHeadline(clear)).toBe('None of the three tumours seen');
    expect(wording.limitations(clear)).toEqual([say('limitation.no_tumor')]);
    expect(wording.limitations(tumour)).toEqual([]);
  });

  test('a refusal names no label', () => {
    const said = 'Not assessable';
    expect([wording.headline(refused), wording.shortHeadline(refused)]).toEqual([said, said]);
  });

  test('in Indonesian', () => {
    setLanguage('id');
    expect(wording.headline(unsure)).toBe('Belum pasti: tumor belum dapat disingkirkan');
    expect(wording.shortHeadline(unsure)).toBe('Belum pasti, mungkin glioma');
    expect(wording.headline(reading({ labels, label: 'pituitary' }))).toBe('Tumor hipofisis (pituitari)');
  });

  test('a label that no sentence names is told as the bundle does, or as it is', () => {
    expect(wording.headline(reading({ labels, label: 'cyst' }))).toBe('Cyst');
    expect(wording.headline(reading({ label: 'lymphoma' }))).toBe('Lymphoma');
  });
});

test('what to do next', () => {
  const next = [tumour, clear, unsure, refused].map(wording.advice);
  const kinds = ['tumour', 'no_tumour', 'unsure', 'refused'] as const;
  expect(next).toEqual(kinds.map((kind) => say(`next.${kind}`)));
});

test('a sentence for every reason', () => {
  const sentences = wording.reasons(reading({ reasons: REASONS }));
  expect(REASONS).toContain('no_brain_mri');
  expect(new Set(sentences).size).toBe(REASONS.length);
  expect(wording.reasons(unsure)[1]).toBe('The picture is small; small lesions may be lost.');
});

test.each([
  [0, '<1%'],
  [0.0099, '<1%'],
  [0.01, '1%'],
  [0.879, '88%'],
  [0.99, '99%'],
  [0.9901, '>99%'],
  [1, '>99%'],
])('%d is told as %s', (probability, text) => {
  expect(wording.percent(probability)).toBe(text);
});

test('milliseconds have no decimals', () => {
  expect([0, 0.99, 1.4, 12.6].map(wording.whole)).toEqual(['<1', '<1', '1', '13']);
});

test('dates are written as the language writes them', () => {
  const time = new Date(2026, 7, 2, 13, 4).getTime();
  expect(wording.date(time)).toMatch(/^2 Aug 2026.*13:04$/);
  setLanguage('id');
  expect(wording.date(time)).toMatch(/^2 Agu 2026.*13\.04$/);
});
