import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readSamples, readPng, unpackRows } from '../../../src/model/formats/png';
import { toLevels } from '../../../src/model/levels';
import { png } from './files';

// Two rows of three levels, the second filtered by what is above.
const ROWS = [0, 1, 0, 2, 0, 3, 0, 2, 1, 1, 1, 1, 1, 1];

test('levels of 16 bits', async () => {
  const file = readPng(png(3, 2, ROWS, { depth: 16 }));
  expect([...(await readSamples(file))]).toEqual([0x100, 0x200, 0x300, 0x201, 0x301, 0x401]);
});

test('levels of an interlaced picture', async () => {
  // The passes of 3 x 2 pixels: one pixel, then its right neighbour but one, then the one between, then the row.
  const rows = [0, 0, 1, 0, 0, 3, 0, 0, 2, 0, 0, 4, 0, 5, 0, 6];
  const file = readPng(png(3, 2, rows, { depth: 16, interlaced: true }));
  expect([...(await readSamples(file))]).toEqual([1, 2, 3, 4, 5, 6]);
});

const packed = deflateSync(Uint8Array.from(ROWS));

test.each<[string, number[], Uint8Array | undefined]>([
  ['too few rows', ROWS.slice(0, -1), undefined],
  ['too many', [...ROWS, 0], undefined],
  ['a wrong checksum', [], Uint8Array.from([...packed.subarray(0, -1), 1])],
  ['a cut one', [], packed.subarray(0, -2)],
  ['junk behind', [], Uint8Array.from([...packed, 1, 2])],
])('rows with %s are damaged', async (_, rows, other) => {
  const kind = { depth: 16, ...(other && { packed: other }) };
  await expect(unpackRows(readPng(png(3, 2, rows, kind)))).rejects.toThrow();
});

test('an unknown filter is damage', async () => {
  await expect(readSamples(readPng(png(3, 2, [5, ...ROWS.slice(1)], { depth: 16 })))).rejects.toThrow(
    'filter',
  );
});

test('few bits are scaled, all bits are cut', () => {
  const ten = Uint16Array.from({ length: 1024 }, (_, index) => index);
  expect(toLevels(ten, 1, null)).toEqual(Uint8Array.from(ten, (level) => Math.floor((level * 255) / 1023)));
  const all = ten.map((level) => level * 64);
  expect(toLevels(all, 1, null)).toEqual(Uint8Array.from(all, (level) => level >> 8));
  expect(toLevels(ten, 1, [1023]).at(-1)).toBe(0);
  expect(toLevels(new Uint16Array(4), 1, null)).toEqual(new Uint8Array(4));
});

test('colours have one range, and alpha none', () => {
  expect([...toLevels(Uint16Array.of(1000, 0xff00, 500, 0x8000), 2, null)]).toEqual([255, 255, 127, 128]);
  const rgb = Uint16Array.of(1000, 500, 0, 100, 200, 300);
  expect([...toLevels(rgb, 3, null)]).toEqual([255, 127, 0, 25, 51, 76]);
  expect([...toLevels(rgb, 3, [1000, 500, 0])]).toEqual([0, 0, 0, 85, 170, 255]);
});

test('a hot pixel takes nothing of the range', () => {
  const ten = Uint16Array.from({ length: 5000 }, (_, index) => index % 1001);
  ten[7] = 65_535;
  expect(toLevels(ten, 1, null)[1000]).toBe(255);
  expect(toLevels(ten, 1, null)[7]).toBe(255);
});
