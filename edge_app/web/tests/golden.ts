/** What Python gives, `tests/edge_app/make_golden.py`; pictures are drawn here as there. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StudyRule, Thresholds } from '../src/model/bundle';
import type { Grey, Picture } from '../src/model/preprocessing';
import type { Quality } from '../src/model/quality';
import type { Decision, StudyPrediction } from '../src/model/study';

const golden = read('golden.json') as {
  arrays: Record<string, string>;
  verdicts: {
    probabilities: Record<string, number>;
    in_distribution: number | null;
    quality: Quality;
    thresholds: Thresholds | null;
    verdict: string;
    reasons: string[];
  }[];
};

export const { arrays, verdicts } = golden;

export const studies = read('golden_studies.json') as ({
  slices: Decision[];
  rule: StudyRule | null;
} & StudyPrediction)[];

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../../tests/edge_app', name), 'utf-8'));
}

export function bytes(name: string): Buffer {
  return Buffer.from(arrays[name]!, 'base64');
}

export function integers(name: string): number[] {
  const packed = bytes(name);
  return Array.from({ length: packed.length / 4 }, (_, index) => packed.readInt32LE(4 * index));
}

export function floats(name: string): number[] {
  const packed = bytes(name);
  return Array.from({ length: packed.length / 4 }, (_, index) => packed.readFloatLE(4 * index));
}

export function pattern(height: number, width: number): Grey {
  const values = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      values[y * width + x] = Math.floor((x * x + 3 * y * y + x * y) / 64) % 256;
    }
  }
  return { width, height, values };
}

/** Rows of what looks like letters, left and right. */
export function letters(height: number, width: number): Grey {
  const values = Uint8Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)];
    return y % 40 < 12 && x % 9 < 4 && x % 600 < 300 ? 200 : 12;
  });
  return { width, height, values };
}

export function added(one: Grey, other: Grey): Grey {
  return { ...one, values: one.values.map((value, index) => value + other.values[index]!) };
}

export function mapped(grey: Grey, change: (value: number) => number): Grey {
  return { ...grey, values: grey.values.map(change) };
}

/** A picture whose colours are made from grey levels. */
export function rgba(
  { width, height, values }: Grey,
  colours: (value: number) => number[] = (v) => [v, v, v],
): Picture {
  const data = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, index) => {
    data.set([...colours(value), 255], 4 * index);
  });
  return { data, width, height };
}

export function framed(grey: Grey, height: number, width: number, top: number, left: number): Grey {
  const values = new Uint8Array(width * height);
  for (let y = 0; y < grey.height; y++) {
    values.set(grey.values.subarray(y * grey.width, (y + 1) * grey.width), (top + y) * width + left);
  }
  return { width, height, values };
}
