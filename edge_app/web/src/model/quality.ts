/** The twin of `edge_app/quality.py`: what a picture shows of its own quality, in integers throughout. */

import type { Box } from './preprocessing';

const SAMPLES = 128; // about so many rows and columns of the picture are looked at
const LIT = 90; // red + green + blue of a pixel bright enough to have a colour
const TISSUE = 64; // a grey level of the model's input that no margin has

/** Explained in `edge_app/quality.py`. */
export interface Quality {
  colour: number;
  side: number;
  cut: number;
  sharpness: number;
  background: number;
}

export interface Picture {
  /** RGBA. */
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

/**
 * Measures a picture.
 *
 * @param pixels The model's input made from it.
 * @param size Of that input, in pixels; several channels are alike.
 * @param box The part of the picture that the input shows.
 */
export function measure(picture: Picture, pixels: Uint8Array, size: number, box: Box): Quality {
  const sampled = sample(picture);
  const plane = firstChannel(pixels, size);
  const [left, , right] = box;
  return {
    colour: colour(sampled),
    side: right - left,
    cut: cut(plane, size, box, picture),
    sharpness: sharpness(plane, size),
    background: background(sampled),
  };
}

/** A code for each thing about a picture that makes its answer less certain. */
export function notes({ side, cut, sharpness, background }: Quality): string[] {
  const found = {
    small: side < 128,
    cropped: cut >= 90,
    blurred: sharpness < 70,
    photographed: background > 40,
  };
  return Object.entries(found)
    .filter(([, present]) => present)
    .map(([code]) => code);
}

function firstChannel(pixels: Uint8Array, size: number): Uint8Array {
  const plane = new Uint8Array(size * size);
  const channels = pixels.length / plane.length;
  for (let index = 0; index < plane.length; index++) {
    plane[index] = pixels[index * channels]!;
  }
  return plane;
}

/** The sampled pixels: the differences red - green and blue - green, and the sum of all three. */
interface Sample {
  red: Int16Array;
  blue: Int16Array;
  sum: Int16Array;
}

function sample({ data, width, height }: Picture): Sample {
  const step = Math.max(1, Math.floor(Math.max(width, height) / SAMPLES));
  const middles = (side: number): number[] => {
    const reach = Math.min(step, side);
    const count = Math.max(1, Math.floor(side / step));
    return Array.from({ length: count }, (_, index) => index * reach + Math.floor(reach / 2));
  };
  const [rows, columns] = [middles(height), middles(width)];
  const make = (): Int16Array => new Int16Array(rows.length * columns.length);
  const [red, blue, sum] = [make(), make(), make()];
  let index = 0;
  for (const y of rows) {
    for (const x of columns) {
      const place = 4 * (y * width + x);
      const green = data[place + 1]!;
      red[index] = data[place]! - green;
      blue[index] = data[place + 2]! - green;
      sum[index] = data[place]! + green + data[place + 2]!;
      index++;
    }
  }
  return { red, blue, sum };
}

function colour({ red, blue, sum }: Sample): number {
  let lit = 0;
  for (const value of sum) {
    lit += value > LIT ? 1 : 0;
  }
  if (lit === 0) {
    return 0;
  }
  const spread = [red, blue].reduce((spread, differences) => spread + deviations(differences, sum, lit), 0);
  return Math.floor(spread / (2 * lit));
}

/** The sum over lit pixels of how far a channel's difference is from its mean, in thousandths of the sum. */
function deviations(differences: Int16Array, sum: Int16Array, lit: number): number {
  const shares = new Int32Array(lit);
  let count = 0;
  let total = 0;
  for (let index = 0; index < sum.length; index++) {
    if (sum[index]! > LIT) {
      const share = Math.floor((differences[index]! * 1000) / sum[index]!);
      shares[count++] = share;
      total += share;
    }
  }
  const mean = Math.floor(total / lit);
  let deviation = 0;
  for (const share of shares) {
    deviation += Math.abs(share - mean);
  }
  return deviation;
}

function cut(plane: Uint8Array, size: number, [left, top, right, bottom]: Box, picture: Picture): number {
  const end = size - 1;
  // Where the square was cropped, tissue reaches its edge rightly.
  const edges: [boolean, (index: number) => number][] = [
    [left <= 0, (index) => index * size],
    [top <= 0, (index) => index],
    [right >= picture.width, (index) => index * size + end],
    [bottom >= picture.height, (index) => end * size + index],
  ];
  const shares = edges
    .filter(([atBorder]) => atBorder)
    .map(([, place]) => {
      let tissue = 0;
      for (let index = 0; index < size; index++) {
        tissue += plane[place(index)]! > TISSUE ? 1 : 0;
      }
      return Math.floor((tissue * 100) / size);
    });
  return Math.max(0, ...shares);
}

/** How much neighbouring levels differ, in thousandths of the mean level. */
export function sharpness(plane: Uint8Array, size: number): number {
  let steps = 0;
  let total = 0;
  for (let y = 0, index = 0; y < size; y++) {
    for (let x = 0; x < size; x++, index++) {
      total += plane[index]!;
      steps += y > 0 ? Math.abs(plane[index]! - plane[index - size]!) : 0;
      steps += x > 0 ? Math.abs(plane[index]! - plane[index - 1]!) : 0;
    }
  }
  return Math.floor((steps * 1000) / (2 * Math.max(total, 1)));
}

function background({ sum }: Sample): number {
  const levels = new Uint8Array(sum.length);
  for (let index = 0; index < sum.length; index++) {
    levels[index] = sum[index]! / 3;
  }
  return levels.sort()[Math.floor(levels.length / 50)]!;
}
