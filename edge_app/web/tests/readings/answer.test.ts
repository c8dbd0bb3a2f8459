import { expect, test } from 'vitest';
import { answerOf, unpacked } from '../../src/readings/answer';
import type { Bundle } from '../../src/model/bundle';
import type { Answered } from '../../src/model/worker';
import { quality } from './samples';

const file = {
  ...({ path: 'toy.tflite', sha256: 'ab', bytes: 1, format: 'tflite' } as const),
  ...({ precision: 'int8', temperature: 1.5 } as const),
};

const bundle: Bundle = {
  schema: 2,
  name: 'toy',
  version: '1',
  labels: [],
  input: { size: 128, channels: 1, crop: 'content', contrast: 'stretch' },
  outputs: { probabilities: 'p', heatmap: 'h', in_distribution: null },
  files: [file],
  thresholds: null,
  default: file.path,
};

const prediction: Answered = {
  verdict: 'unsure',
  label: 'glioma',
  probabilities: { glioma: 1 },
  in_distribution: null,
  reasons: ['uncalibrated'],
  map: { width: 3, height: 1, values: Float32Array.of(-0.1, 0.5, 1.1) },
  box: [-1, 0, 40, 41],
  size: [30, 40],
  quality,
  frame: 0,
  frames: 1,
  milliseconds: { decode: 1, preprocess: 2, infer: 3 },
};

test('a map goes through its JSON', () => {
  const { heatmap } = answerOf('a.png', prediction, bundle);
  expect(heatmap).toMatchObject({ box: [-1, 0, 40, 41], size: [30, 40], rows: 1, columns: 3 });
  const { map, box, size } = unpacked(heatmap!);
  expect([map.width, map.height, box, size]).toEqual([3, 1, [-1, 0, 40, 41], [30, 40]]);
  expect([...map.values].map((value) => Math.round(255 * value))).toEqual([0, 128, 255]);
});

test('the model is named as the bundle names it', () => {
  expect(answerOf('a.png', prediction, bundle).model).toEqual({
    ...{ name: 'toy', version: '1', file: 'toy.tflite', sha256: 'ab' },
    ...{ precision: 'int8', temperature: 1.5 },
  });
});

test('without a map there is none', () => {
  expect(answerOf('a.png', { ...prediction, map: null }, bundle).heatmap).toBeNull();
});
