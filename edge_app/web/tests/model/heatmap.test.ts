import { describe, expect, test } from 'vitest';
import { heatmapAt } from '../../src/model/heatmap';
import type { Box } from '../../src/model/preprocessing';
import { arrays, floats, pattern } from '../golden';

type Size = [number, number];

const frames: Record<string, { side: number; box: Box; size: Size; shown: Size }> = {
  inside: { side: 8, box: [10, 5, 30, 25], size: [45, 35], shown: [45, 35] },
  beyond: { side: 8, box: [-13, -5, 42, 50], size: [45, 35], shown: [45, 35] },
  small: { side: 12, box: [5, 5, 14, 14], size: [45, 35], shown: [45, 35] },
  enlarged: { side: 8, box: [10, 5, 30, 25], size: [45, 35], shown: [100, 50] },
  halved: { side: 8, box: [-13, 5, 31, 25], size: [44, 34], shown: [22, 17] },
};

function squareMap(side: number): Parameters<typeof heatmapAt>[0]['map'] {
  const { width, height, values } = pattern(side, side);
  return { width, height, values: Float32Array.from(values, (value) => value / 255) };
}

describe('golden frames', () => {
  test('every one is tried', () => {
    expect(Object.keys(arrays).filter((name) => name.startsWith('frame-'))).toHaveLength(
      Object.keys(frames).length,
    );
  });

  test.each(Object.entries(frames))('%s', (name, { side, box, size, shown }) => {
    const frame = heatmapAt({ map: squareMap(side), box, size }, ...shown);
    const expected = floats(`frame-${name}`);
    expect(frame.values).toHaveLength(expected.length);
    frame.values.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index]!, 6);
    });
  });
});

test('only what is shown is laid out', () => {
  const heat = { map: squareMap(16), box: [0, 0, 8000, 8000] as Box, size: [8000, 8000] as const };
  const { width, height, values } = heatmapAt(heat, 3, 2);
  expect([width, height, values.length]).toEqual([3, 2, 6]);
});

test('a box beside the picture leaves it cold', () => {
  const { values } = heatmapAt({ map: squareMap(4), box: [50, 0, 60, 10], size: [20, 20] }, 20, 20);
  expect(Math.max(...values)).toBe(0);
});

test('heat stays within 0 and 1', () => {
  const map = { width: 2, height: 1, values: Float32Array.of(-1, 2) };
  const { values } = heatmapAt({ map, box: [0, 0, 2, 2], size: [2, 2] }, 2, 2);
  expect([...values]).toEqual([0, 1, 0, 1]);
});
