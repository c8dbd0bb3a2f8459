import { expect, test } from 'vitest';
import { ImageError } from '../../src/model/errors';
import { readHeader, withoutProfile } from '../../src/model/header';

// The smallest JPEG there is to say something about: a profile, a frame of 3 x 2 pixels, a scan, the end.
const PROFILE = [0xff, 0xe2, 0x00, 0x04, 0x01, 0x02];
const FRAME = [0xff, 0xc0, 0x00, 0x0b, 8, 0, 2, 0, 3, 1, 1, 0x11, 0];
const SCAN = [0xff, 0xda, 0x00, 0x08, 1, 1, 0, 0, 63, 0, 0x12, 0x34];
const JPEG = [0xff, 0xd8, ...PROFILE, ...FRAME, ...SCAN, 0xff, 0xd9];
const PNG = [
  ...[0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52],
  ...[0, 0, 1, 0, 0, 0, 0, 9, 8, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 1, 2, 3, 4],
];

function code(bytes: number[] | string): string {
  try {
    readHeader(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Uint8Array.from(bytes));
  } catch (error) {
    return (error as ImageError).code;
  }
  return '';
}

test('a JPEG', () => {
  expect(readHeader(Uint8Array.from(JPEG))).toEqual({ kind: 'image/jpeg', width: 3, height: 2 });
});

test('a PNG', () => {
  expect(readHeader(Uint8Array.from(PNG))).toEqual({ kind: 'image/png', width: 256, height: 9 });
});

test('a cut file', () => {
  expect(code(JPEG.slice(0, -2))).toBe('damaged');
  expect(code(PNG.slice(0, -8))).toBe('damaged');
  expect(code(PNG.slice(0, 20))).toBe('damaged');
  expect(code('RIFF\xff\0\0\0WEBPVP8 ')).toBe('damaged');
  expect(code('BM')).toBe('damaged');
});

test.each(['a letter', 'PK\x03\x04', '%PDF-1.7', 'GIF89a', '\0\0\0\x1cftypheic', '\xff\xd8\xff\xe0', '\0'])(
  '%j is no picture',
  (text) => {
    expect(code(text)).toBe('no_image');
  },
);

test('a profile is dropped, the rest is kept', async () => {
  const kept = await withoutProfile(Uint8Array.from(JPEG)).arrayBuffer();
  expect([...new Uint8Array(kept)]).toEqual([0xff, 0xd8, ...FRAME, ...SCAN, 0xff, 0xd9]);
});
