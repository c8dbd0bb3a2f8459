import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { look } from '../../../src/model/look';
import type { InputSpec } from '../../../src/model/bundle';
import { preprocess, toGrey } from '../../../src/model/preprocessing';
import {
  AS_READ,
  dragged,
  isAsRead,
  rangeOf,
  shownLevels,
  storedLevels,
  windowFor,
} from '../../../src/views/viewer/windowing';
import { dicom, SIDE } from '../../model/dicoms';
import { Pixels } from '../../model/pixels';

const SPEC: InputSpec = { size: 32, channels: 3, crop: 'content', contrast: 'stretch' };
const INVERTED = { window: 'own', inverted: true } as const;

beforeEach(() => {
  vi.stubGlobal('ImageData', Pixels);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function reds(pixels: Uint8ClampedArray): number[] {
  return Array.from(pixels.filter((_, index) => index % 4 === 0));
}

describe('of 8 bits', () => {
  const pixels = Uint8ClampedArray.of(50, 50, 50, 255, 100, 120, 140, 255, 150, 150, 150, 255);
  const levels = shownLevels(pixels);

  test('the own window is the picture itself', () => {
    expect(levels.through(AS_READ)).toEqual(pixels);
    expect([isAsRead(AS_READ), isAsRead(INVERTED)]).toEqual([true, false]);
  });

  test('the full range goes from the darkest to the brightest', () => {
    expect(levels.ranges.full).toEqual({ low: 50, high: 150 });
    const shown = levels.through({ window: 'full', inverted: false });
    expect(Array.from(shown)).toEqual([0, 0, 0, 255, 128, 179, 230, 255, 255, 255, 255, 255]);
  });

  test('inverted, black is white', () => {
    expect(reds(levels.through(INVERTED))).toEqual([205, 155, 105]);
  });

  test('the picture stays as it was', () => {
    levels.through({ window: { low: 0, high: 1, stored: false }, inverted: true });
    expect(reds(pixels)).toEqual([50, 100, 150]);
  });

  test('a few hot pixels are no part of the robust range', () => {
    const many = new Uint8ClampedArray(4 * 4000).map((_, index) => (index >> 2) % 40);
    many.fill(250, 0, 4);
    expect(shownLevels(many).ranges).toMatchObject({
      full: { low: 0, high: 250 },
      robust: { low: 0, high: 39 },
    });
  });
});

describe('of a DICOM file', () => {
  const file = (kind: Parameters<typeof dicom>[0]): Blob => new Blob([dicom(kind)]);

  test('its own window shows what the model gets', async () => {
    for (const kind of [
      {},
      { window: ['2048', '1024'] as [string, string] },
      { photometric: 'MONOCHROME1' },
    ]) {
      const { image, stored } = await look(file(kind), 0, SPEC);
      expect(storedLevels(stored!, SIDE, SIDE).through(AS_READ)).toEqual(image.data);
    }
  });

  test('a narrow window tells levels apart that one grey stood for', async () => {
    const { image, stored } = await look(file({}), 0, SPEC);
    const levels = storedLevels(stored!, SIDE, SIDE);
    const narrow = reds(levels.through({ window: { low: 2000, high: 2015, stored: true }, inverted: false }));
    expect(new Set(reds(image.data).slice(2000, 2016)).size).toBeLessThan(4);
    expect(new Set(narrow.slice(2000, 2016)).size).toBe(16);
    expect([narrow[1999], narrow[2016]]).toEqual([0, 255]);
  });

  test('the file names its window', async () => {
    const { stored } = await look(file({ window: ['2048', '1024'] }), 0, SPEC);
    const { ranges } = storedLevels(stored!, SIDE, SIDE);
    expect(ranges.own).toEqual({ low: 2047.5 - 511.5, high: 2047.5 + 511.5 });
    expect(ranges.full).toEqual({ low: 0, high: SIDE * SIDE - 1 });
  });

  test('MONOCHROME1 stays white where there is least', async () => {
    const { stored } = await look(file({ photometric: 'MONOCHROME1' }), 0, SPEC);
    const shown = reds(storedLevels(stored!, SIDE, SIDE).through({ window: 'full', inverted: false }));
    expect([shown[0], shown.at(-1)]).toEqual([255, 0]);
  });

  test('what the model gets comes along', async () => {
    const { image, input } = await look(file({}), 0, SPEC);
    const { pixels } = preprocess(toGrey(image.data, SIDE, SIDE), { ...SPEC, channels: 1 });
    expect(input).toEqual(pixels);
  });
});

describe('dragging', () => {
  const levels = shownLevels(Uint8ClampedArray.of(0, 0, 0, 255, 200, 200, 200, 255));

  test('across it becomes wider, down its level rises', () => {
    const before = rangeOf(AS_READ, levels.ranges);
    const wider = rangeOf(dragged(AS_READ, 0.5, 0, levels), levels.ranges);
    expect(wider).toMatchObject({ low: before.low - 50, high: before.high + 50 });
    const higher = rangeOf(dragged(AS_READ, 0, 0.25, levels), levels.ranges);
    expect(higher).toMatchObject({ low: before.low + 50, high: before.high + 50 });
  });

  test('it never closes, and never loses the picture', () => {
    const closed = rangeOf(dragged(AS_READ, -9, 0, levels), levels.ranges);
    expect(closed.high).toBeGreaterThan(closed.low);
    const lost = rangeOf(dragged(AS_READ, 0, 99, levels), levels.ranges);
    expect((lost.low + lost.high) / 2).toBe(400);
  });

  test('it holds for levels of its own kind alone', () => {
    const windowing = dragged(AS_READ, 0.5, 0, levels);
    expect(windowFor(windowing, levels)).toBe(windowing);
    expect(windowFor({ ...windowing, inverted: true }, { ...levels, stored: true })).toEqual(INVERTED);
    expect(windowFor({ window: 'full', inverted: false }, undefined).window).toBe('full');
  });

  test('of a picture of one level', () => {
    const flat = shownLevels(Uint8ClampedArray.of(7, 7, 7, 255));
    expect(reds(flat.through({ window: 'full', inverted: false }))).toEqual([0]);
    expect(Number.isFinite(rangeOf(dragged(AS_READ, 0.1, 0.1, flat), flat.ranges).low)).toBe(true);
  });
});
