import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ImageError } from '../../src/model/errors';
import { decode, type Source } from '../../src/model/image';
import { dicom, SIDE } from './dicoms';
import { Pixels } from './pixels';
import { exif, png } from './formats/files';

function picture(width: number, height: number, rows: number[] = []): Blob {
  return new Blob([png(width, height, rows)]);
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
  [picture(5001, 5000), 'too_many_pixels', 25],
  [picture(12_001, 40), 'too_wide', 12_000],
  [picture(31, 400), 'too_small', 32],
])('what can be told from the head is never decoded', async (file, code, limit) => {
  expect(await refusal(file)).toEqual([code, limit]);
  expect(decoder).not.toHaveBeenCalled();
});

test('pixels have the limits of files', async () => {
  expect(await refusal(new ImageData(31, 31))).toEqual(['too_small', 32]);
});

const SHAPE = { width: 40, height: 33 };
const ROWS = Array<number>(33 * 41).fill(0);

test('what no browser decodes is damaged', async () => {
  expect(await refusal(picture(40, 33, ROWS))).toEqual(['damaged', undefined]);
  expect(decoder).toHaveBeenCalledOnce();
});

test('damaged rows are not left to a browser, which paints what it has', async () => {
  expect(await refusal(picture(40, 33, ROWS.slice(1)))).toEqual(['damaged', undefined]);
  expect(decoder).not.toHaveBeenCalled();
});

/** A PNG of 16 bits whose pixels count up from 0, and are read without a browser. */
function deep(orientation: number): Blob {
  const rows = Array.from({ length: 33 }, (_, y) => [
    0,
    ...Array.from({ length: 40 }, (_, x) => [(40 * y + x) >> 8, (40 * y + x) & 255]).flat(),
  ]).flat();
  const others = { eXIf: Uint8Array.from(exif(orientation)) };
  return new Blob([png(SHAPE.width, SHAPE.height, rows, { depth: 16, others })]);
}

// Where the stored corners, left and right above and below, come to lie.
test.each([
  [1, [0, 0], [39, 0], [0, 32]],
  [2, [39, 0], [0, 0], [39, 32]],
  [3, [39, 32], [0, 32], [39, 0]],
  [4, [0, 32], [39, 32], [0, 0]],
  [5, [0, 0], [0, 39], [32, 0]],
  [6, [32, 0], [32, 39], [0, 0]],
  [7, [32, 39], [32, 0], [0, 39]],
  [8, [0, 39], [0, 0], [32, 39]],
])('orientation %d is turned upright', async (orientation, ...corners) => {
  const { width, height, data } = (await decode(deep(orientation))).image;
  expect([width, height]).toEqual(orientation > 4 ? [33, 40] : [40, 33]);
  const stored = [0, 39, 32 * 40].map((level) => Math.floor((level * 255) / 1319));
  expect(corners.map(([x, y]) => data[4 * (y! * width + x!)])).toEqual(stored);
});
