import { expect, test } from 'vitest';
import { ImageError } from '../../../src/model/errors';
import { readHeader } from '../../../src/model/formats/header';
import { filledJpeg, wholeJpeg, type Jpeg } from '../../../src/model/formats/jpeg';
import { END, exif, FRAME, JPEG, png, PROFILE, SCAN } from './files';

function read(bytes: number[]): ReturnType<typeof readHeader> {
  return readHeader(Uint8Array.from(bytes));
}

function code(bytes: number[] | string): string {
  try {
    read(typeof bytes === 'string' ? [...Buffer.from(bytes, 'latin1')] : bytes);
  } catch (error) {
    return (error as ImageError).code;
  }
  return '';
}

async function written(blob: Blob): Promise<number[]> {
  return [...new Uint8Array(await blob.arrayBuffer())];
}

const PNG = [...png(256, 9, [])];

test('size and orientation', () => {
  expect(read(JPEG)).toMatchObject({ kind: 'image/jpeg', width: 3, height: 2, orientation: 1 });
  expect(read(PNG)).toMatchObject({ kind: 'image/png', width: 256, height: 9, orientation: 1 });
  const turned = [0xff, 0xe1, 0, exif(6).length + 2, ...exif(6)];
  expect(read([...JPEG.slice(0, 2), ...turned, ...JPEG.slice(2)])).toMatchObject({ orientation: 6 });
  const others = { eXIf: Uint8Array.from(exif(8).slice(6)) };
  expect(read([...png(256, 9, [], { others })])).toMatchObject({ orientation: 8 });
});

test('a cut file', () => {
  expect(code(JPEG.slice(0, -2))).toBe('damaged');
  expect(code(PNG.slice(0, -8))).toBe('damaged');
  expect(code(PNG.slice(0, 20))).toBe('damaged');
  expect(code('RIFF\xff\0\0\0WEBPVP8 ')).toBe('damaged');
  expect(code('BM')).toBe('damaged');
  expect(code('\xff\xd8\xff\xe0')).toBe('damaged');
});

test('a wrong checksum', () => {
  for (const place of [20, 45, PNG.length - 1]) {
    expect(code(PNG.map((byte, index) => (index === place ? byte ^ 1 : byte)))).toBe('damaged');
  }
});

test('a JPEG of whose picture no scan tells all', () => {
  const progressive = FRAME.map((byte, index) => (index === 1 ? 0xc2 : byte));
  const scan = (first: number, last: number, bits: number): number[] => [
    ...[0xff, 0xda, 0, 8, 1, 1, 0, first, last, bits, 0x12],
  ];
  const file = (...scans: number[][]): number[] => [0xff, 0xd8, ...progressive, ...scans.flat(), ...END];
  expect(code(file(scan(0, 0, 0)))).toBe('damaged');
  expect(code(file(scan(0, 0, 1), scan(1, 63, 0)))).toBe('damaged');
  expect(code(file(scan(0, 0, 1), scan(1, 63, 0), scan(0, 0, 0x10)))).toBe('');
});

test.each(['a letter', 'PK\x03\x04', '%PDF-1.7', 'GIF89a', '\0\0\0\x1cftypheic', '\0'])(
  '%j is no picture',
  (text) => {
    expect(code(text)).toBe('no_image');
  },
);

test('a profile is dropped, the rest is kept', async () => {
  const jpeg = read([...JPEG, ...PROFILE]) as Jpeg;
  expect(await written(wholeJpeg(jpeg))).toEqual([0xff, 0xd8, ...FRAME, ...SCAN, ...END]);
  const filled = await written(filledJpeg(jpeg));
  expect(filled.slice(0, 2 + FRAME.length + SCAN.length)).toEqual([0xff, 0xd8, ...FRAME, ...SCAN]);
  expect(filled.slice(-2)).toEqual(END);
  expect(filled.length).toBeGreaterThan(500);
});
