import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultFile, readBundle } from '../../src/model/bundle';
import { RecordError } from '../../src/model/records';

const FOLDERS = ['edge_app/models', 'tests/toy_bundle'];

type Plain = Record<string, unknown>;

const good = {
  schema: 2,
  name: 'toy',
  version: '1',
  labels: [
    { name: 'a', en: 'A', id: 'A' },
    { name: 'b', en: 'B', id: 'B' },
  ],
  input: { size: 128, channels: 1, crop: 'content', contrast: 'stretch' },
  outputs: { probabilities: 'probabilities', heatmap: null, in_distribution: 'brain' },
  files: [
    {
      path: 'toy.tflite',
      sha256: '0'.repeat(64),
      bytes: 10,
      format: 'tflite',
      precision: 'int8',
      temperature: 1,
    },
  ],
  thresholds: { unsure: 0.5, no_tumour: 0.9, refused: 0.1 },
  study: null,
  default: 'toy.tflite',
};

function changed(changes: Plain): string {
  return JSON.stringify({ ...good, ...changes });
}

function lacking(name: keyof typeof good): string {
  return JSON.stringify({ ...good, [name]: undefined });
}

test.each(FOLDERS)('the bundle in %s', (folder) => {
  const json = readFileSync(join(import.meta.dirname, '../../../..', folder, 'bundle.json'), 'utf-8');
  const bundle = readBundle(json);
  expect(bundle.labels).toHaveLength(4);
  expect(defaultFile(bundle).format).toBe('tflite');
});

test('what is read is what was written', () => {
  expect(readBundle(JSON.stringify(good))).toEqual(good);
});

test('thresholds may be null, and nothing else', () => {
  expect(readBundle(changed({ thresholds: null })).thresholds).toBeNull();
});

test('a rule for studies may be there, or null', () => {
  const study = { rank: 2, threshold: 0.9 };
  expect(readBundle(changed({ study })).study).toEqual(study);
  expect(readBundle(changed({ study: null })).study).toBeNull();
});

const studies: Record<string, unknown> = {
  partial: { rank: 2 },
  'a rank of 0': { rank: 0, threshold: 0.9 },
  'a high rank': { rank: 6, threshold: 0.9 },
  'half a rank': { rank: 1.5, threshold: 0.9 },
  high: { rank: 2, threshold: 1.1 },
  more: { rank: 2, threshold: 0.9, mean: 0.5 },
};

const thresholds: Record<string, unknown> = {
  partial: { unsure: 0.5, no_tumour: 0.9 },
  null: { unsure: 0.5, no_tumour: null, refused: 0.1 },
  low: { unsure: -5, no_tumour: 0.9, refused: 0.1 },
  high: { unsure: 0.5, no_tumour: 1.1, refused: 0.1 },
  text: { unsure: '0.5', no_tumour: 0.9, refused: 0.1 },
  more: { unsure: 0.5, no_tumour: 0.9, refused: 0.1, sure: 1 },
  list: [0.5, 0.9, 0.1],
  number: 0.5,
};

describe('it fails closed', () => {
  test.each(Object.entries(thresholds))('thresholds: %s', (_, value) => {
    expect(() => readBundle(changed({ thresholds: value }))).toThrow(RecordError);
  });

  test.each(Object.entries(studies))('a rule for studies: %s', (_, value) => {
    expect(() => readBundle(changed({ study: value }))).toThrow(RecordError);
  });

  test('a rule for studies without thresholds', () => {
    const changes = { thresholds: null, study: { rank: 2, threshold: 0.9 } };
    expect(() => readBundle(changed(changes))).toThrow(RecordError);
  });

  test.each(Object.keys(good) as (keyof typeof good)[])('without %s', (name) => {
    expect(() => readBundle(lacking(name))).toThrow(RecordError);
  });

  test.each(['NaN', 'Infinity', '1e999', '-1e999'])('a threshold of %s', (value) => {
    const json = JSON.stringify(good).replace('0.5', value);
    expect(() => readBundle(json)).toThrow(RecordError);
  });

  const bad: Record<string, string> = {
    'no JSON': 'a letter',
    empty: '',
    null: 'null',
    list: '[]',
    'nested deeply': '['.repeat(60_000),
    long: JSON.stringify(good) + ' '.repeat(70_000),
    'another schema': changed({ schema: 1 }),
    'an unknown field': changed({ source: {} }),
    'an inherited field': JSON.stringify(good).replace('"name":"toy"', '"toString":"toy"'),
    'a huge input': changed({ input: { ...good.input, size: 1e9 } }),
    'a fractional input': changed({ input: { ...good.input, size: 128.5 } }),
    'two channels': changed({ input: { ...good.input, channels: 2 } }),
    'another crop': changed({ input: { ...good.input, crop: 'centre' } }),
    'a path outside': changed({ files: [{ ...good.files[0], path: '../toy.tflite' }] }),
    'a short hash': changed({ files: [{ ...good.files[0], sha256: 'ab' }] }),
    'a file twice': changed({ files: [good.files[0], good.files[0]] }),
    'a label twice': changed({ labels: [good.labels[0], good.labels[0]] }),
    'one label': changed({ labels: [good.labels[0]] }),
    'a default that is none of the files': changed({ default: 'other.tflite' }),
    'refusal by no output': changed({ outputs: { ...good.outputs, in_distribution: null } }),
  };

  test.each(Object.entries(bad))('%s', (_, json) => {
    expect(() => readBundle(json)).toThrow(RecordError);
  });
});

test('a browser runs TFLite alone', () => {
  const files = [{ ...good.files[0], format: 'onnx' }];
  expect(() => defaultFile(readBundle(changed({ files })))).toThrow(RecordError);
});
