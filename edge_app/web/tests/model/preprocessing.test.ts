import { describe, expect, test } from 'vitest';
import type { InputSpec } from '../../src/model/bundle';
import { brightLevel, preprocess, square, toGrey, type Picture } from '../../src/model/preprocessing';
import { measure } from '../../src/model/quality';
import { resize } from '../../src/model/resize';
import { added, arrays, bytes, framed, integers, letters, mapped, pattern, rgba } from '../golden';

const specs: Record<string, InputSpec> = {
  plain: { size: 32, channels: 3, crop: 'none', contrast: 'none' },
  content: { size: 32, channels: 1, crop: 'content', contrast: 'none' },
  full: { size: 48, channels: 1, crop: 'content', contrast: 'stretch' },
};

const half = framed(pattern(60, 47), 90, 160, 11, 20);
const other = framed(pattern(60, 47), 90, 160, 11, 93);

const pictures: Record<string, Picture> = {
  pattern: rgba(pattern(101, 83)),
  colour: rgba(pattern(64, 90), (value) => [value, Math.floor(value / 2), 255 - value]),
  off_centre: rgba(framed(pattern(60, 47), 120, 160, 11, 90)),
  dim: rgba(
    framed(
      mapped(pattern(70, 70), (value) => Math.floor(value / 6)),
      90,
      90,
      13,
      6,
    ),
  ),
  small: rgba(pattern(32, 33)),
  wide: rgba(pattern(32, 640)),
  tall: rgba(pattern(500, 40)),
  black: rgba(mapped(pattern(50, 60), () => 0)),
  grey: rgba(mapped(pattern(40, 40), () => 77)),
  hazy: rgba(pattern(60, 70), (value) =>
    [30 + value / 2, 20 + value / 4, 60 + value / 3].map((level) => Math.floor(level)),
  ),
  two_up: rgba(added(half, other)),
  letters: rgba(letters(400, 1100)),
};

// In the order of Python's `Quality`.
const MEASURES = [
  ...(['colour', 'side', 'cut', 'sharpness', 'background'] as const),
  ...(['gutter', 'halves', 'aspect', 'mirror', 'bar', 'lines'] as const),
];

describe('golden vectors', () => {
  test('every one is tried', () => {
    const tried = Object.keys(pictures).length * Object.keys(specs).length * 3;
    expect(Object.keys(arrays).filter((name) => !name.startsWith('frame-'))).toHaveLength(tried);
  });

  for (const [name, picture] of Object.entries(pictures)) {
    test.each(Object.entries(specs))(`${name}, %s`, (kind, spec) => {
      const { pixels, box } = preprocess(toGrey(picture.data, picture.width, picture.height), spec);
      expect(Buffer.from(pixels).equals(bytes(`${name}-${kind}`))).toBe(true);
      expect(box).toEqual(integers(`${name}-${kind}-box`));
      const measured = measure(picture, pixels, spec.size, box);
      expect(MEASURES.map((measure) => measured[measure])).toEqual(integers(`${name}-${kind}-quality`));
    });
  }
});

test('the brightest half percent is passed over', () => {
  const values = new Uint8Array(10_000).fill(50);
  expect(brightLevel(values.fill(250, 0, 50))).toBe(50);
  expect(brightLevel(values.fill(250, 0, 51))).toBe(250);
  expect(brightLevel(new Uint8Array(16))).toBe(1);
});

test('a square holds its box', () => {
  expect(square([10, 20, 15, 50])).toEqual([-2, 20, 28, 50]);
  expect(square([3, 3, 9, 9])).toEqual([3, 3, 9, 9]);
});

test('nothing changes at the same size', () => {
  const grey = pattern(40, 30);
  expect(resize(grey, 30, 40).values).toEqual(grey.values);
});
