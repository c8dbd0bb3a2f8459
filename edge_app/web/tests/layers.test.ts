/** Rooms import one way: what is below knows nothing of what is above. */

import { globSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';

const SOURCE = join(import.meta.dirname, '../src');
const ROOMS = ['shared', 'model', 'readings', 'views', 'app']; // from below

function room(path: string): string {
  return relative(SOURCE, path).split(sep)[0]!;
}

function imported(path: string): string[] {
  const found = readFileSync(path, 'utf-8').matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  // What lies beside the source, its sentences, belongs to no room.
  return Array.from(found, ([, target]) => join(path, '..', target!)).filter(
    (target) => room(target) !== '..',
  );
}

const modules = globSync(`${SOURCE}/**/*.ts`);

test('every module is in a room', () => {
  expect(modules.length).toBeGreaterThan(30);
  expect(new Set(modules.map(room))).toEqual(new Set(ROOMS));
});

test.each(modules.map((path) => relative(SOURCE, path)))('%s imports from its own room or below', (name) => {
  const path = join(SOURCE, name);
  const reached = imported(path).map(room);
  expect(ROOMS).toEqual(expect.arrayContaining(reached));
  expect(reached.filter((each) => ROOMS.indexOf(each) > ROOMS.indexOf(room(path)))).toEqual([]);
});
