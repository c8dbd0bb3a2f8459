import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ImageError } from '../../src/model/errors';
import { decode, type Source } from '../../src/model/image';
import { dicom, SIDE } from './dicoms';
import { Pixels } from './pixels';

/** The beginning of a PNG of a size, and its end. */
function png(width: number, height: number): Blob {
  const bytes = Buffer.alloc(57);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]);
  bytes.write('IHDR', 12);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.write('IEND', 49);
  return new Blob([bytes]);
}

async function refusal(source: Source): Promise<[string, number | undefined]> {
  const error = await decode(source).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ImageError);
  const { code, limit } = error as ImageError;
  return [code, limit];
}

const decoder = vi.fn(() => Promise.reject(new Error('no such picture')));

beforeEach(() => {
  vi.stubGlobal('ImageData', Pixels);
  vi.stubGlobal('createImageBitmap', decoder);
  decoder.mockClear();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('DICOM becomes an opaque grey picture', async () => {
  const { image, frame, frames } = await decode(new Blob([dicom()]));
  const { width, height, data } = image;
  expect([frame, frames]).toEqual([0, 1]);
  expect([width, height]).toEqual([SIDE, SIDE]);
  expect([...data.subarray(0, 4)]).toEqual([0, 0, 0, 255]);
  expect([...data.subarray(-4)]).toEqual([255, 255, 255, 255]);
});

test('pixels are taken as they are', async () => {
  const pixels = new ImageData(32, 40);
  expect(await decode(pixels)).toEqual({ image: pixels, frame: 0, frames: 1 });
});

test.each<[Blob, string, number | undefined]>([
  [new Blob([]), 'empty', undefined],
  [new Blob(['a letter']), 'no_image', undefined],
  [new Blob([new Uint8Array(20_000_001)]), 'too_many_bytes', 20],
  [png(8001, 8000), 'too_many_pixels', 64],
  [png(12_001, 40), 'too_long', 12_000],
  [png(31, 400), 'too_small', 32],
])('what can be told from the head is never decoded', async (file, code, limit) => {
  expect(await refusal(file)).toEqual([code, limit]);
  expect(decoder).not.toHaveBeenCalled();
});

test('pixels have the limits of files', async () => {
  expect(await refusal(new ImageData(31, 31))).toEqual(['too_small', 32]);
});

test('what no browser decodes is damaged', async () => {
  expect(await refusal(png(256, 256))).toEqual(['damaged', undefined]);
  expect(decoder).toHaveBeenCalledOnce();
});
