import { expect, test } from 'vitest';
import { resize } from '../../src/model/resize';
import { bytes, mapped, pattern } from '../golden';

test('the levels of Pillow', () => {
  // One of three channels that are alike.
  const expected = bytes('pattern-plain').filter((_, index) => index % 3 === 0);
  expect(Buffer.from(resize(pattern(101, 83), 32, 32).values).equals(expected)).toBe(true);
});

test.each([
  [7, 90],
  [90, 7],
  [1, 1],
])('an even plane stays even at %d x %d', (width, height) => {
  const plane = resize(
    mapped(pattern(40, 30), () => 77),
    width,
    height,
  );
  expect([plane.width, plane.height, plane.values.length]).toEqual([width, height, width * height]);
  expect(new Set(plane.values)).toEqual(new Set([77]));
});

test('two levels are mixed on the way from one to the other', () => {
  const plane = { width: 2, height: 1, values: Uint8Array.of(0, 200) };
  expect([...resize(plane, 4, 1).values]).toEqual([0, 50, 150, 200]);
  expect([...resize(plane, 1, 1).values]).toEqual([100]);
});

test('what is given is left as it was', () => {
  const plane = pattern(40, 30);
  resize(plane, 8, 8);
  expect(plane).toEqual(pattern(40, 30));
});
