/** The twin of `edge_app/levels.py`: from 16 bits to the eight that are shown. */

import { OUTERMOST, robustRange } from './robust';

const WHITE = 1 << 15; // a picture with levels from here on uses all of its 16 bits

/**
 * Shows 16 bits with 8, by one range for all colours; an alpha channel keeps its upper eight.
 *
 * @param values Pixel by pixel.
 * @param samples Of a pixel: grey, grey and alpha, RGB or RGBA.
 * @param transparent The level or colour that is shown black.
 */
export function toLevels(values: Uint16Array, samples: number, transparent: number[] | null): Uint8Array {
  const colours = samples > 2 ? 3 : 1;
  const counts = new Uint32Array(1 << 16);
  const hidden = (pixel: number): boolean =>
    transparent?.every((level, sample) => values[pixel + sample] === level) ?? false;
  for (let pixel = 0; pixel < values.length; pixel += samples) {
    const black = transparent && hidden(pixel);
    for (let sample = 0; sample < colours; sample++) {
      counts[black ? 0 : values[pixel + sample]!]!++;
    }
  }
  const table = makeTable(counts, (values.length / samples) * colours);
  const shown = new Uint8Array(values.length);
  for (let pixel = 0; pixel < values.length; pixel += samples) {
    if (transparent && hidden(pixel)) {
      continue;
    }
    for (let sample = 0; sample < samples; sample++) {
      const value = values[pixel + sample]!;
      shown[pixel + sample] = sample < colours ? table[value]! : value >> 8;
    }
  }
  return shown;
}

/** What each of 65,536 levels is shown as, by how many samples have it. */
function makeTable(counts: Uint32Array, total: number): Uint8Array {
  const white = brightest(counts, total);
  return Uint8Array.from(counts, (_, level) =>
    white >= WHITE ? level >> 8 : Math.min(255, Math.floor((level * 255) / Math.max(white, 1))),
  );
}

/** The brightest level there is, without those few that are brighter by far than the rest. */
function brightest(counts: Uint32Array, total: number): number {
  let brighter = total;
  const common = counts.findIndex((count) => {
    brighter -= count;
    return brighter * OUTERMOST <= total;
  });
  const present = Float64Array.from(counts.keys()).filter((level) => counts[level]! > 0);
  return robustRange(present, 0, common)[1];
}
