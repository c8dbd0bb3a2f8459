import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DicomFile, isDicom } from '../../src/model/dicom';
import type { ImageError } from '../../src/model/errors';
import { dicom, rising, SIDE } from './dicoms';
import { Pixels } from './pixels';

beforeEach(() => {
  vi.stubGlobal('ImageData', Pixels);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function levels(data: Uint8Array): Uint8ClampedArray {
  return new DicomFile(data).load().data.filter((_, index) => index % 4 === 0);
}

function code(data: Uint8Array): string {
  try {
    levels(data);
  } catch (error) {
    return (error as ImageError).code;
  }
  return '';
}

test('DICOM is known by its mark', () => {
  expect(isDicom(dicom())).toBe(true);
  expect(isDicom(new Uint8Array(200))).toBe(false);
  expect(isDicom(new Uint8Array())).toBe(false);
});

test('without a window the whole range is shown', () => {
  const { width, height } = new DicomFile(dicom());
  const values = levels(dicom());
  expect([width, height]).toEqual([SIDE, SIDE]);
  expect([values[0], values[2048], values.at(-1)]).toEqual([0, 128, 255]);
});

test('a window is laid as the standard says', () => {
  const shown = levels(dicom({ window: ['2048', '1024'] }));
  expect(Math.max(...shown.subarray(0, 2048 - 512))).toBe(0);
  expect(Math.min(...shown.subarray(2048 + 512))).toBe(255);
  expect(Math.abs(shown[2048]! - 128)).toBeLessThanOrEqual(1);
});

test('MONOCHROME1 is white where there is least', () => {
  const inverted = levels(dicom({ photometric: 'MONOCHROME1' }));
  expect(inverted).toEqual(levels(dicom()).map((value) => 255 - value));
});

test('the middle frame is taken', () => {
  const black = rising.map(() => 0);
  expect(levels(dicom({ frames: [black, rising, black] }))).toEqual(levels(dicom()));
});

test('what lies above the stored bits is ignored', () => {
  const more = rising.map((value) => value + 0xf000);
  expect(levels(dicom({ frames: [more], stored: 12 }))).toEqual(levels(dicom()));
});

test('a window that is none, or shows nothing, is left out', () => {
  for (const window of [
    ['much', '100'],
    ['NaN', 'NaN'],
    ['', ''],
    ['2048', '0'],
    ['-9000', '10'],
    ['30000', '65000'],
  ] as [string, string][]) {
    expect(levels(dicom({ window }))).toEqual(levels(dicom()));
  }
});

test('a few bright pixels leave the others their levels', () => {
  const spiked = rising.map((value) => (value === 4095 ? 65535 : value));
  const shown = levels(dicom({ frames: [spiked] }));
  const differences = Array.from(levels(dicom()), (level, index) => Math.abs(level - shown[index]!));
  expect(Math.max(...differences)).toBe(1);
});

test('which frame stands for all is told', () => {
  const file = new DicomFile(dicom({ frames: [rising, rising, rising, rising] }));
  expect([file.middle, file.frames]).toEqual([2, 4]);
  expect(() => file.load(4)).toThrow();
});

test('a head is read', () => {
  expect(levels(dicom({ part: 'BRAIN' }))).toEqual(levels(dicom()));
});

describe('refused', () => {
  test.each<[string, Uint8Array]>([
    ['dicom_modality', dicom({ modality: 'CT' })],
    ['dicom_body_part', dicom({ part: 'KNEE' })],
    ['dicom_compressed', dicom({ transfer: '1.2.840.10008.1.2.4.50' })],
    ['dicom_compressed', dicom({ transfer: '1.2.840.10008.1.2.1.99' })],
    ['dicom', dicom({ transfer: '1.2.840.10008.1.2.5' })],
    ['dicom', dicom({ photometric: 'RGB', samples: 3 })],
    ['dicom', dicom({ stored: 17 })],
    ['dicom', dicom({ frames: [rising.slice(1)] })],
    ['dicom', dicom().subarray(0, -2)],
    ['dicom', dicom().subarray(0, 180)],
    ['dicom', dicom().subarray(0, 135)],
  ])('%s', (refusal, data) => {
    expect(code(data)).toBe(refusal);
  });
});
