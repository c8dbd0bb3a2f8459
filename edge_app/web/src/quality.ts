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
  const channels = pixels.length / (size * size);
  const plane = pixels.filter((_, index) => index % channels === 0);
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

type Colour = readonly [number, number, number];

function sample({ data, width, height }: Picture): Colour[] {
  const step = Math.max(1, Math.floor(Math.max(width, height) / SAMPLES));
  const middles = (side: number): number[] => {
    const reach = Math.min(step, side);
    const count = Math.max(1, Math.floor(side / step));
    return Array.from({ length: count }, (_, index) => index * reach + Math.floor(reach / 2));
  };
  const columns = middles(width);
  return middles(height).flatMap((y) =>
    columns.map((x): Colour => {
      const place = 4 * (y * width + x);
      return [data[place]!, data[place + 1]!, data[place + 2]!];
    }),
  );
}

function brightness([red, green, blue]: Colour): number {
  return red + green + blue;
}

function colour(sampled: Colour[]): number {
  const lit = sampled.filter((pixel) => brightness(pixel) > LIT);
  if (lit.length === 0) {
    return 0;
  }
  let spread = 0;
  for (const channel of [0, 2] as const) {
    const differences = lit.map((pixel) =>
      Math.floor(((pixel[channel] - pixel[1]) * 1000) / brightness(pixel)),
    );
    const mean = Math.floor(differences.reduce((sum, value) => sum + value) / lit.length);
    spread += differences.reduce((sum, value) => sum + Math.abs(value - mean), 0);
  }
  return Math.floor(spread / (2 * lit.length));
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
  for (let index = 0; index < plane.length; index++) {
    total += plane[index]!;
    if (index >= size) {
      steps += Math.abs(plane[index]! - plane[index - size]!);
    }
    if (index % size > 0) {
      steps += Math.abs(plane[index]! - plane[index - 1]!);
    }
  }
  return Math.floor((steps * 1000) / (2 * Math.max(total, 1)));
}

function background(sampled: Colour[]): number {
  const levels = Uint8Array.from(sampled, (pixel) => Math.floor(brightness(pixel) / 3)).sort();
  return levels[Math.floor(levels.length / 50)]!;
}
