import type { Quality } from '../../src/model/quality';
import type { Reading } from '../../src/readings/reading';
import type { CaseSlice } from '../../src/readings/slice';

/** Of a slice that nothing is to be said of. */
export const quality: Quality = {
  colour: 0,
  side: 200,
  cut: 0,
  sharpness: 100,
  background: 0,
  gutter: 100,
  halves: 90,
  aspect: 80,
  mirror: 90,
  bar: 0,
  lines: 0,
};

export function reading(changes: Partial<Reading>): Reading {
  return {
    id: '1',
    time: Date.UTC(2026, 0, 2, 3, 4, 5),
    name: 'a.jpg',
    verdict: 'answer',
    label: 'glioma',
    probabilities: { glioma: 0.75, no_tumor: 0.25 },
    reasons: ['uncalibrated'],
    place: 'phone',
    machine: '',
    runtime: 'LiteRT.js',
    milliseconds: { decode: 1, preprocess: 1, infer: 1 },
    model: {
      ...{ name: 'toy', version: '1', file: 'toy.tflite', sha256: 'ab' },
      ...{ precision: 'int8', temperature: 1 },
    },
    in_distribution: 0.9,
    thresholds: null,
    quality,
    frame: 0,
    frames: 1,
    labels: [],
    picture: new Blob(),
    heatmap: null,
    ...changes,
  };
}

/** Slices of those names, each with a file that holds its name. */
export function slices(...names: string[]): CaseSlice[] {
  return names.map((name) => ({ name, source: new Blob([name]) }));
}

/** A reading of a slice of that name. */
export function of(name: string): Reading {
  return reading({ id: name, name });
}
