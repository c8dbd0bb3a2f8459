import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readBundle } from '../../src/model/bundle';
import {
  ClinicError,
  ClinicRefusal,
  keepsCases,
  readThere,
  takeUnkept,
  writeCode,
} from '../../src/readings/clinic';
import { readAnswer } from '../../src/readings/reply';
import { quality } from './samples';

const json = readFileSync(join(import.meta.dirname, '../../../models/bundle.json'), 'utf-8');
const { labels } = readBundle(json);

type Plain = Record<string, unknown>;

const good = {
  name: 'a.png',
  verdict: 'answer',
  label: 'glioma',
  probabilities: { glioma: 0.95, meningioma: 0.03, no_tumor: 0.01, pituitary: 0.01 },
  in_distribution: 0.998,
  reasons: ['small'],
  heatmap: { box: [-1, 0, 40, 41], size: [30, 40], rows: 1, columns: 3, values: 'AAEC' },
  milliseconds: { decode: 1.7, preprocess: 1.3, infer: 0 },
  model: {
    ...{ name: 'edge', version: '1', file: 'edge.tflite', sha256: '0'.repeat(64) },
    ...{ precision: 'int8', temperature: 1 },
  },
  runtime: 'LiteRT',
  machine: 'aarch64',
  thresholds: { unsure: 0.879, no_tumour: 0.879, refused: 0.67 },
  quality,
  frame: 0,
  frames: 1,
  picture: btoa('a picture'),
};

const nothing = { in_distribution: null, heatmap: null, thresholds: null, reasons: [], machine: '' };

const problem = {
  ...{ type: 'about:blank', title: 'Unprocessable Entity', status: 422 },
  ...{ detail: 'a.png is damaged.', code: 'damaged', name: null },
};

function changed(changes: Plain): string {
  return JSON.stringify({ ...good, ...changes });
}

const wrong: Record<string, Plain> = {
  'an unknown verdict': { verdict: 'sure' },
  'an unknown label': { label: 'healthy' },
  'an answer without a label': { label: null },
  'a refusal with a label': { verdict: 'refused' },
  'a missing probability': { probabilities: { glioma: 1 } },
  'a probability of an unknown label': { probabilities: { ...good.probabilities, healthy: 0 } },
  'a probability above 1': { probabilities: { ...good.probabilities, glioma: 95 } },
  'a probability below 0': { probabilities: { ...good.probabilities, glioma: -0.1 } },
  'no probability': { probabilities: { ...good.probabilities, glioma: null } },
  'a text for a number': { in_distribution: '0.9' },
  'reasons that are no list': { reasons: 'small' },
  'a reason without a sentence': { reasons: ['mood'] },
  'a reason that is no word': { reasons: [1] },
  'a map of other sizes': { heatmap: { ...good.heatmap, rows: 2 } },
  'a map that is no base64': { heatmap: { ...good.heatmap, values: '!' } },
  'a map without a place': { heatmap: { ...good.heatmap, rows: 0, values: '' } },
  'a box inside out': { heatmap: { ...good.heatmap, box: [40, 0, -1, 41] } },
  'a box of three': { heatmap: { ...good.heatmap, box: [0, 0, 41] } },
  'a huge picture': { heatmap: { ...good.heatmap, size: [30, 1e9] } },
  'a model without its hash': { model: { ...good.model, sha256: '' } },
  'partial thresholds': { thresholds: { unsure: 0.5 } },
  'no quality': { quality: undefined },
  'no frame': { frames: 0 },
  'no picture': { picture: '' },
  'a picture that is no base64': { picture: '!' },
  'a field too many': { diagnosis: 'glioma' },
  'a case without its fate': { case: {} },
  'a case that is no object': { case: null },
};

function reply(body: string, status = 200): void {
  vi.stubGlobal('document', { cookie: '' });
  vi.stubGlobal('fetch', async (address: string) =>
    address === '/bundle.json' ? new Response(json) : new Response(body, { status }),
  );
}

async function read(code = ''): ReturnType<typeof readThere> {
  return readThere({ name: 'a.png', source: new Blob(['a picture']) }, new AbortController().signal, code);
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ['an answer', {}],
  ['one of a model that says less', nothing],
  ['one that is kept', { case: { id: '17', error: null } }],
  ['a refusal', { verdict: 'refused', label: null, reasons: ['no_brain_mri'] }],
])('%s', (_, changes) => {
  expect(readAnswer(changed(changes), labels)).toEqual({ ...good, ...changes });
});

test('what fits is a reading', async () => {
  reply(changed({}));
  const { picture, ...answer } = await read();
  expect(answer).toMatchObject({ verdict: 'answer', label: 'glioma', place: 'clinic', labels });
  expect(await picture.text()).toBe('a picture');
});

test('another frame than was asked for is no answer', async () => {
  reply(changed({ frame: 4, frames: 9 }));
  const { signal } = new AbortController();
  const ask = async (frame: number | null): ReturnType<typeof readThere> =>
    readThere({ name: 'a.dcm', source: new Blob(['frames']), frame }, signal, '');
  expect((await ask(4)).frame).toBe(4);
  expect((await ask(null)).frame).toBe(4);
  await expect(ask(5)).rejects.toThrow(ClinicError);
});

test('a case that could not be kept is told once', async () => {
  const error = { code: 'cases_full', message: 'The disk is full.' };
  reply(changed({ case: { id: null, error } }));
  expect(await read()).not.toHaveProperty('case');
  expect(takeUnkept()).toEqual(['The disk is full.']);
  expect(takeUnkept()).toEqual([]);
  reply(changed({ case: { id: '17', error: null } }));
  await read();
  expect(takeUnkept()).toEqual([]);
});

test('a reading knows its case in the log, and the code that it has there', async () => {
  reply(changed({ case: { id: '17', error: null } }));
  expect((await read('K-17')).logged).toEqual({ id: '17', code: 'K-17' });
  reply(changed({}));
  expect(await read('K-17')).not.toHaveProperty('logged');
});

describe('a code for the log', () => {
  const unknown = { ...problem, status: 404, code: 'cases_unknown' };

  test.each([
    ['that is written', JSON.stringify({ id: '17', patient: 'K-17' }), 200],
    ['of a case that was deleted there', JSON.stringify(unknown), 404],
  ])('%s', async (_, body, status) => {
    reply(body, status);
    await expect(writeCode('17', 'K-17')).resolves.toBeUndefined();
  });

  test.each([
    ['that is another there', JSON.stringify({ id: '17', patient: '' }), 200, ClinicError],
    ['that a page of the network answers', '<html>', 200, ClinicError],
    ['that the log refuses', JSON.stringify({ ...problem, code: 'cases_patient' }), 422, ClinicRefusal],
  ])('%s', async (_, body, status, error) => {
    reply(body, status);
    await expect(writeCode('17', 'K-17')).rejects.toThrow(error);
  });
});

test.each([
  ['{"cases": {"kept": true}}', true],
  ['{"cases": {"kept": false}}', false],
  ['{"cases": {"kept": "yes"}}', false],
  ['{}', false],
  ['null', false],
  ['<html>', false],
])('whether cases are kept: %j', async (health, keeps) => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(health)));
  expect(await keepsCases()).toBe(keeps);
});

describe('what does not fit is no answer', () => {
  test.each(Object.entries(wrong))('%s', async (_, changes) => {
    reply(changed(changes));
    await expect(read()).rejects.toThrow(ClinicError);
  });

  test.each(['', 'null', '[]', '<html>', changed({}).replace('0.95', '1e999'), '{"code": "empty"}'])(
    '%j',
    async (body) => {
      reply(body);
      await expect(read()).rejects.toThrow(ClinicError);
    },
  );

  test.each([
    '',
    '<html>',
    'null',
    JSON.stringify({ ...problem, detail: 5 }),
    JSON.stringify({ ...problem, type: 'https://example.org' }),
    changed({}),
  ])('%j for a refusal', async (body) => {
    reply(body, 500);
    await expect(read()).rejects.toThrow(ClinicError);
  });
});

test.each([{}, { name: 'a.png' }])('a refusal is told in its own words', async (name) => {
  reply(JSON.stringify({ ...problem, ...name }), 422);
  const refusal = await read().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ClinicRefusal);
  expect((refusal as ClinicRefusal).message).toBe('a.png is damaged.');
});

test('without a network there is no answer', async () => {
  vi.stubGlobal('document', { cookie: '' });
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  await expect(read()).rejects.toThrow(ClinicError);
});
