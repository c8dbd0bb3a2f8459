import { describe, expect, test } from 'vitest';
import { measure, notes, sharpness, type Quality } from '../../src/model/quality';
import { mapped, pattern, rgba } from '../golden';

const SIDE = 64;
const even = mapped(pattern(SIDE, SIDE), () => 100);
const alone = { gutter: 100, halves: 100, aspect: 100, mirror: 100, bar: 0, lines: 0 };
const good: Quality = { colour: 0, side: 128, cut: 89, sharpness: 70, background: 40, ...alone };

test('a good picture needs no note', () => {
  expect(notes(good)).toEqual([]);
});

test.each<[string, Partial<Quality>]>([
  ['small', { side: 127 }],
  ['cropped', { cut: 90 }],
  ['blurred', { sharpness: 69 }],
  ['photographed', { background: 41 }],
  ['turned', { mirror: 111, aspect: 106 }],
])('%s', (note, changes) => {
  expect(notes({ ...good, ...changes })).toEqual([note]);
});

test('notes stand in their order', () => {
  expect(notes({ ...good, side: 1, cut: 100, sharpness: 0, background: 255 })).toEqual([
    ...['small', 'cropped', 'blurred', 'photographed'],
  ]);
});

describe('measures', () => {
  test('an even grey picture', () => {
    expect(measure(rgba(even), even.values, SIDE, [0, 0, SIDE, SIDE])).toEqual({
      ...{ colour: 0, side: SIDE, cut: 100, sharpness: 0, background: 100, ...alone },
    });
  });

  test('only an edge at the border of the picture can cut', () => {
    const { cut, side } = measure(rgba(even), even.values, SIDE, [1, 1, SIDE - 1, SIDE - 1]);
    expect([cut, side]).toEqual([0, SIDE - 2]);
  });

  test('one tint is no colour, several are', () => {
    const measured = (colours: (value: number) => number[]): number =>
      measure(rgba(pattern(SIDE, SIDE), colours), even.values, SIDE, [0, 0, SIDE, SIDE]).colour;
    expect(measured(() => [200, 150, 100])).toBe(0);
    expect(measured((value) => (value > 127 ? [200, 50, 50] : [50, 50, 200]))).toBeGreaterThan(100);
  });

  test('black has no colour', () => {
    const black = rgba(mapped(even, () => 0));
    expect(measure(black, even.values, SIDE, [0, 0, SIDE, SIDE])).toMatchObject({ colour: 0, background: 0 });
  });
});

test('sharpness counts steps to both sides, in thousandths of the mean level', () => {
  expect(sharpness(Uint8Array.of(0, 100, 100, 0), 2)).toBe(1000);
  expect(sharpness(new Uint8Array(4), 2)).toBe(0);
});
