import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { InputSpec, Thresholds } from '../src/bundle';
import { conclude, toFrame } from '../src/classifier';
import { brightLevel, preprocess, square, toGrey, type Box, type Grey } from '../src/preprocessing';
import { measure, type Picture, type Quality } from '../src/quality';
import { resize } from '../src/resize';
import { judge } from '../src/verdict';

/** Made by Python, `tests/edge_app/make_golden.py`; pictures and specs are drawn there alike. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../tests/edge_app/golden.json'), 'utf-8'),
) as {
  arrays: Record<string, string>;
  verdicts: {
    probabilities: Record<string, number>;
    brain: number | null;
    quality: Quality;
    thresholds: Thresholds;
    verdict: string;
    reasons: string[];
  }[];
};

const specs: Record<string, InputSpec> = {
  plain: { size: 32, channels: 3, crop: 'none', contrast: 'none' },
  content: { size: 32, channels: 1, crop: 'content', contrast: 'none' },
  full: { size: 48, channels: 1, crop: 'content', contrast: 'stretch' },
};

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
};

const frames: Record<string, { box: Box; side: number }> = {
  inside: { box: [10, 5, 30, 25], side: 8 },
  beyond: { box: [-13, -5, 42, 50], side: 8 },
  small: { box: [5, 5, 14, 14], side: 12 },
};

function pattern(height: number, width: number): Grey {
  const values = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      values[y * width + x] = Math.floor((x * x + 3 * y * y + x * y) / 64) % 256;
    }
  }
  return { width, height, values };
}

function mapped(grey: Grey, change: (value: number) => number): Grey {
  return { ...grey, values: grey.values.map(change) };
}

/** A picture whose colours are made from grey levels. */
function rgba(
  { width, height, values }: Grey,
  colours: (value: number) => number[] = (v) => [v, v, v],
): Picture {
  const data = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, index) => {
    data.set([...colours(value), 255], 4 * index);
  });
  return { data, width, height };
}

function framed(grey: Grey, height: number, width: number, top: number, left: number): Grey {
  const values = new Uint8Array(width * height);
  for (let y = 0; y < grey.height; y++) {
    values.set(grey.values.subarray(y * grey.width, (y + 1) * grey.width), (top + y) * width + left);
  }
  return { width, height, values };
}

function bytes(name: string): Buffer {
  return Buffer.from(golden.arrays[name]!, 'base64');
}

function integers(name: string): number[] {
  const packed = bytes(name);
  return Array.from({ length: packed.length / 4 }, (_, index) => packed.readInt32LE(4 * index));
}

describe('golden vectors', () => {
  test('every one is tried', () => {
    const tried = Object.keys(pictures).length * Object.keys(specs).length * 3 + Object.keys(frames).length;
    expect(Object.keys(golden.arrays)).toHaveLength(tried);
  });

  for (const [name, picture] of Object.entries(pictures)) {
    test.each(Object.entries(specs))(`${name}, %s`, (kind, spec) => {
      const { pixels, box } = preprocess(toGrey(picture.data, picture.width, picture.height), spec);
      expect(Buffer.from(pixels).equals(bytes(`${name}-${kind}`))).toBe(true);
      expect(box).toEqual(integers(`${name}-${kind}-box`));
      const { colour, side, cut, sharpness, background } = measure(picture, pixels, spec.size, box);
      expect([colour, side, cut, sharpness, background]).toEqual(integers(`${name}-${kind}-quality`));
    });
  }

  test('verdicts', () => {
    expect(golden.verdicts.length).toBeGreaterThan(100);
    for (const { probabilities, brain, quality, thresholds, verdict, reasons } of golden.verdicts) {
      expect(judge(probabilities, brain, quality, thresholds)).toEqual({ verdict, reasons });
    }
  });

  test.each(Object.entries(frames))('a heatmap laid over a picture, %s', (name, { box, side }) => {
    const heat = {
      width: side,
      height: side,
      values: Float32Array.from(pattern(side, side).values, (v) => v / 255),
    };
    const frame = toFrame(heat, box, 45, 35);
    const expected = bytes(`frame-${name}`);
    frame.values.forEach((value, index) => {
      expect(value).toBeCloseTo(expected.readFloatLE(4 * index), 6);
    });
  });
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

describe('outputs', () => {
  const bundle = {
    schema: 1,
    name: 'toy',
    version: '1',
    labels: ['a', 'b', 'c', 'd'].map((name) => ({ name, en: name, id: name })),
    input: specs['full']!,
    outputs: { probabilities: 'shares', heatmap: null, brain: 'brain' },
    files: [],
    thresholds: { unsure: 0.7, no_tumour: null, refused: 0.4 },
    default: {},
  };
  const quality = { colour: 0, side: 200, cut: 0, sharpness: 100, background: 0 };
  const outputs = (shares: number[], brain: number): Parameters<typeof conclude>[0] => ({
    shares: { shape: [1, 4], values: Float32Array.from(shares) },
    brain: { shape: [1, 1], values: Float32Array.of(brain) },
  });

  test('probabilities sum to 1, and the most probable is the answer', () => {
    const { probabilities, ...rest } = conclude(outputs([0.0625, 0.75, 0.125, 0], 0.9), quality, bundle);
    expect(Object.values(probabilities).reduce((sum, value) => sum + value)).toBeCloseTo(1, 12);
    expect(rest).toEqual({ verdict: 'answer', label: 'b', reasons: [] });
  });

  test('what is no brain has no answer', () => {
    const answer = conclude(outputs([0, 1, 0, 0], 0.3), quality, bundle);
    expect(answer).toMatchObject({ verdict: 'refused', label: null, reasons: ['no_brain_mri'] });
  });

  test.each([[[NaN, 0, 0, 0]], [[0, 0, 0, 0]], [[Infinity, 0, 0, 0]]])('%j is no answer', (values) => {
    expect(() => conclude(outputs(values, 1), quality, bundle)).toThrow('finite');
  });
});
