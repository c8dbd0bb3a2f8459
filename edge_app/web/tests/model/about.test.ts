import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAbout } from '../../src/model/about';
import { readBundle } from '../../src/model/bundle';
import { RecordError } from '../../src/model/records';

const SHIPPED = join(import.meta.dirname, '../../../models');

const json = readFileSync(join(SHIPPED, 'about.json'), 'utf-8');
const bundle = readBundle(readFileSync(join(SHIPPED, 'bundle.json'), 'utf-8'));
const plain = JSON.parse(json) as Record<string, unknown>;

function changed(changes: Record<string, unknown>): string {
  return JSON.stringify({ ...plain, ...changes });
}

test('what ships is read as it was written', () => {
  expect(readAbout(json, bundle)).toEqual(plain);
});

test('what is about another model says nothing of this one', () => {
  expect(readAbout(changed({ sha256: '0'.repeat(64) }), bundle)).toBeUndefined();
});

test('a model that was not measured yet', () => {
  expect(readAbout(changed({ measured: null, licence: null }), bundle)?.measured).toBeNull();
});

describe('what is senseless is refused', () => {
  test.each([
    ['no JSON', '{'],
    ['a figure of another kind', changed({ slices: { train: -1, validation: 0, test: 0 } })],
    ['an unknown limit', changed({ unknown: ['everything'] })],
    ['another schema', changed({ schema: 2 })],
    ['a field more', changed({ more: 1 })],
    ['far too much', changed({ collections: Array(2000).fill('a collection with a long name') })],
  ])('%s', (_, text) => {
    expect(() => readAbout(text, bundle)).toThrow(RecordError);
  });
});
