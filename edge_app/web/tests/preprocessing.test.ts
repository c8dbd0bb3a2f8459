import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { InputSpec } from '../src/bundle';
import { judge, toFrame } from '../src/classifier';
import { brightLevel, preprocess, square, toGrey, type Box, type Grey } from '../src/preprocessing';
import { resize } from '../src/resize';

/** Made by Python, `tests/edge_app/make_golden.py`; pictures and specs are drawn there alike. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../tests/edge_app/golden.json'), 'utf-8'),
) as Record<string, string>;

const specs: Record<string, InputSpec> = {
  plain: { size: 32, channels: 3, crop: 'none', contrast: 'none' },
  content: { size: 32, channels: 1, crop: 'content', contrast: 'none' },
  full: { size: 48, channels: 1, crop: 'content', contrast: 'stretch' },
};

const pictures: Record<string, Grey> = {
  pattern: pattern(101, 83),
  colour: colour(64, 90),
  off_centre: framed(pattern(60, 47), 120, 160, 11, 90),
  dim: framed(
    mapped(pattern(70, 70), (value) => Math.floor(value / 6)),
    90,
    90,
    13,
    6,
  ),
  small: pattern(32, 33),
  wide: pattern(32, 640),
  tall: pattern(500, 40),
  black: mapped(pattern(50, 60), () => 0),
  grey: mapped(pattern(40, 40), () => 77),
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

function colour(height: number, width: number): Grey {
  const { values } = pattern(height, width);
  const rgba = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, index) => {
    rgba.set([value, Math.floor(value / 2), 255 - value, 255], 4 * index);
  });
  return toGrey(rgba, width, height);
}

function framed(grey: Grey, height: number, width: number, top: number, left: number): Grey {
  const values = new Uint8Array(width * height);
  for (let y = 0; y < grey.height; y++) {
    values.set(grey.values.subarray(y * grey.width, (y + 1) * grey.width), (top + y) * width + left);
  }
  return { width, height, values };
}

function bytes(name: string): Buffer {
  return Buffer.from(golden[name]!, 'base64');
}

describe('golden vectors', () => {
  test('every one is tried', () => {
    const tried = Object.keys(pictures).length * Object.keys(specs).length * 2 + Object.keys(frames).length;
    expect(Object.keys(golden)).toHaveLength(tried);
  });

  for (const [picture, grey] of Object.entries(pictures)) {
    test.each(Object.entries(specs))(`${picture}, %s`, (kind, spec) => {
      const { pixels, box } = preprocess(grey, spec);
      expect(Buffer.from(pixels).equals(bytes(`${picture}-${kind}`))).toBe(true);
      const edges = bytes(`${picture}-${kind}-box`);
      expect(box).toEqual([0, 4, 8, 12].map((at) => edges.readInt32LE(at)));
    });
  }

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

describe('verdicts', () => {
  const bundle = {
    schema: 1,
    name: 'toy',
    version: '1',
    labels: ['a', 'b', 'c', 'd'].map((name) => ({ name, en: name, id: name })),
    input: specs['full']!,
    outputs: { probabilities: 'probabilities', heatmap: null },
    files: [],
    thresholds: { unsure: 0.7, refused: 0.4 },
    default: {},
  };

  test.each([
    [[0.1, 0.8, 0.05, 0.05], 'answer', 'b', []],
    [[0.1, 0.6, 0.2, 0.1], 'unsure', 'b', ['low_confidence']],
    [[0.3, 0.3, 0.2, 0.2], 'refused', null, ['no_brain_mri']],
  ])('%j', (values, verdict, label, reasons) => {
    expect(judge(Float32Array.from(values), bundle)).toMatchObject({ verdict, label, reasons });
  });

  test('without thresholds every picture is answered', () => {
    const uncalibrated = { ...bundle, thresholds: { unsure: null, refused: null } };
    const answer = judge(Float32Array.from([0.25, 0.25, 0.25, 0.25]), uncalibrated);
    expect(answer).toMatchObject({ verdict: 'answer', label: 'a', reasons: ['uncalibrated'] });
  });

  test('probabilities sum to 1', () => {
    const { probabilities } = judge(Float32Array.from([0.5, 0.25, 0.125, 0.0625]), bundle);
    expect(Object.values(probabilities).reduce((sum, value) => sum + value)).toBeCloseTo(1, 12);
  });

  test.each([[[NaN, 0, 0, 0]], [[0, 0, 0, 0]], [[Infinity, 0, 0, 0]]])('%j is no answer', (values) => {
    expect(() => judge(Float32Array.from(values), bundle)).toThrow('finite');
  });
});
