import { expect, test } from 'vitest';
import { percentile, percentiles } from '../../src/readings/measurement';
import { phantomPixels } from '../../src/readings/phantom';

test('percentiles are those of numpy', () => {
  // np.percentile([3, 1, 2, 10], (0, 50, 90, 99, 100))
  const values = [3, 1, 2, 10];
  expect(percentile(values, 0)).toBe(1);
  expect(percentile(values, 100)).toBe(10);
  const { p50, p90, p99 } = percentiles(values);
  expect(p50).toBeCloseTo(2.5, 12);
  expect(p90).toBeCloseTo(7.9, 12);
  expect(p99).toBeCloseTo(9.79, 12);
  expect(values).toEqual([3, 1, 2, 10]);
});

test('of one reading all percentiles are the same', () => {
  expect(percentiles([4])).toEqual({ p50: 4, p90: 4, p99: 4 });
});

test('the phantom is grey, opaque, dark at its corners, and the same each time', () => {
  const side = 64;
  const pixels = phantomPixels(side);
  expect(pixels).toHaveLength(4 * side * side);
  for (let at = 0; at < pixels.length; at += 4) {
    expect([pixels[at + 1], pixels[at + 2], pixels[at + 3]]).toEqual([pixels[at], pixels[at], 255]);
  }
  expect(pixels[0]).toBeLessThan(20);
  expect(Math.max(...pixels.filter((_, at) => at % 4 === 0))).toBeGreaterThan(180);
  expect(phantomPixels(side)).toEqual(pixels);
});
