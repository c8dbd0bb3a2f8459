/** The twin of `edge_app/preprocessing.py`: from a decoded picture to the model's input, the same bits. */

import type { InputSpec } from './bundle';
import { resize, type Plane } from './resize';

export type Grey = Plane<Uint8Array>;

/** Decoded pixels. */
export interface Picture {
  /** RGBA. */
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

/** Left, top, right and bottom in pixels; may reach beyond the picture, where it is black. */
export type Box = readonly [number, number, number, number];

const CONTENT_LEVEL = 8; // a pixel is content above 1/8 of the bright level
const CONTENT_SHARE = 32; // a row or column is content where 1/32 of its pixels are
const BRIGHT_SHARE = 200; // the bright level is exceeded by 1/200 of the pixels

/** Turns a grey picture into a model's input (size, size, channels), and names the box that it shows. */
export function preprocess(grey: Grey, spec: InputSpec): { pixels: Uint8Array<ArrayBuffer>; box: Box } {
  const box: Box = spec.crop === 'content' ? square(contentBox(grey)) : [0, 0, grey.width, grey.height];
  let { values } = resize(crop(grey, box), spec.size, spec.size);
  if (spec.contrast === 'stretch') {
    values = stretch(values);
  }
  return { pixels: repeat(values, spec.channels), box };
}

/** Grey levels of RGBA pixels, weighed as Pillow does. */
export function toGrey(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const values = new Uint8Array(width * height);
  for (let index = 0, place = 0; index < values.length; index++, place += 4) {
    values[index] = grey(rgba, place);
  }
  return { width, height, values };
}

/** The grey level of the pixel whose red is at `place`. */
export function grey(rgba: Uint8ClampedArray, place: number): number {
  return (rgba[place]! * 19595 + rgba[place + 1]! * 38470 + rgba[place + 2]! * 7471 + 0x8000) >> 16;
}

/** The lowest level that at most 1/`BRIGHT_SHARE` of the pixels exceed, at least 1. */
export function brightLevel(values: Uint8Array): number {
  const counts = new Uint32Array(256);
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator takes twice as long here
  for (let index = 0; index < values.length; index++) {
    counts[values[index]!]!++;
  }
  let brighter = values.length;
  for (let level = 0; level < 256; level++) {
    brighter -= counts[level]!;
    if (brighter * BRIGHT_SHARE <= values.length) {
      return Math.max(1, level);
    }
  }
  return 255;
}

/** The box around the rows and columns that hold more than margin. */
export function contentBox({ width, height, values }: Grey): Box {
  const level = Math.floor(brightLevel(values) / CONTENT_LEVEL);
  const rows = new Uint32Array(height);
  const columns = new Uint32Array(width);
  for (let y = 0, place = 0; y < height; y++) {
    let count = 0;
    for (let x = 0; x < width; x++, place++) {
      const content = values[place]! > level ? 1 : 0;
      count += content;
      columns[x]! += content;
    }
    rows[y] = count;
  }
  const inRow = (count: number): boolean => count * CONTENT_SHARE > width;
  const inColumn = (count: number): boolean => count * CONTENT_SHARE > height;
  const top = rows.findIndex(inRow);
  const left = columns.findIndex(inColumn);
  if (top < 0 || left < 0) {
    return [0, 0, width, height];
  }
  return [left, top, columns.findLastIndex(inColumn) + 1, rows.findLastIndex(inRow) + 1];
}

/** The smallest square around a box, centred on it to within a pixel. */
export function square([left, top, right, bottom]: Box): Box {
  const side = Math.max(right - left, bottom - top);
  const x = left - Math.floor((side - (right - left)) / 2);
  const y = top - Math.floor((side - (bottom - top)) / 2);
  return [x, y, x + side, y + side];
}

function crop({ width, height, values }: Grey, [left, top, right, bottom]: Box): Grey {
  const wide = right - left;
  const high = bottom - top;
  const cut = new Uint8Array(wide * high);
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
    const row = values.subarray(y * width + Math.max(0, left), y * width + Math.min(width, right));
    cut.set(row, (y - top) * wide + Math.max(0, -left));
  }
  return { width: wide, height: high, values: cut };
}

/** Scales levels so that the bright level becomes 255; what is brighter stays at 255. */
function stretch(values: Uint8Array): Uint8Array {
  const bright = brightLevel(values);
  return values.map((value) => Math.min(255, Math.floor((value * 255) / bright)));
}

function repeat(values: Uint8Array, channels: number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(values.length * channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let index = 0; index < values.length; index++) {
      pixels[index * channels + channel] = values[index]!;
    }
  }
  return pixels;
}
