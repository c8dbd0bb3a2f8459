/** The twin of `edge_app/quality.py`: what a picture shows of its own quality, in integers throughout. */

import { aspect, bar, content, gutter, halves, middles, mirror, textLines } from './layout';
import { grey, type Box, type Picture } from './preprocessing';

const SAMPLES = 128; // about so many rows and columns of the picture are looked at
const LIT = 90; // red + green + blue of a pixel bright enough to have a colour
const BAND = 96; // of that sum: pixels of like brightness, which a tint or a haze shifts alike
const BANDS = 8;
const HUE_SHARE = 10; // a hue is another one where a difference of channels is off by 1/10 of the sum ...
const DARKEST = 240; // ... and by no less than that of a pixel with this sum, which noise alone doesn't reach
const TISSUE = 64; // a grey level of the model's input that no margin has

/** Explained in `edge_app/quality.py`. */
export interface Quality {
  colour: number;
  side: number;
  cut: number;
  sharpness: number;
  background: number;
  gutter: number;
  halves: number;
  aspect: number;
  mirror: number;
  bar: number;
  lines: number;
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
  const { rows, columns } = content(plane, size);
  const [left, , right] = box;
  return {
    colour: colour(sampled),
    side: right - left,
    cut: cut(plane, size, box, picture),
    sharpness: sharpness(plane, size),
    background: background(sampled),
    gutter: gutter(rows, columns),
    halves: halves(rows, columns),
    aspect: aspect(rows),
    mirror: mirror(rows, columns),
    bar: bar(sampled.grey),
    lines: textLines(picture),
  };
}

/** A code for each thing about a picture that makes its answer less certain. */
export function notes({ side, cut, sharpness, background, mirror, aspect }: Quality): string[] {
  const found = {
    small: side < 128,
    cropped: cut >= 90,
    blurred: sharpness < 70,
    photographed: background > 40,
    turned: mirror > 110 && aspect > 105,
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

/** The sampled pixels: the differences red - green and blue - green, the sum of all three, and rows of grey. */
interface Sample {
  red: Int16Array;
  blue: Int16Array;
  sum: Int16Array;
  grey: Uint8Array[];
}

function sample({ data, width, height }: Picture): Sample {
  const step = Math.max(1, Math.floor(Math.max(width, height) / SAMPLES));
  const [rows, columns] = [middles(height, step), middles(width, step)];
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
  const greyRow = (y: number): Uint8Array => Uint8Array.from(columns, (x) => grey(data, 4 * (y * width + x)));
  return { red, blue, sum, grey: rows.map(greyRow) };
}

function colour({ red, blue, sum }: Sample): number {
  const means = [red, blue].map((differences) => ({ differences, means: bandMeans(differences, sum) }));
  let other = 0;
  for (let index = 0; index < sum.length; index++) {
    const brightness = sum[index]!;
    const off = means.some(
      ({ differences, means }) =>
        Math.abs(differences[index]! - means[Math.floor(brightness / BAND)]!) * HUE_SHARE >
        Math.max(brightness, DARKEST),
    );
    other += brightness > LIT && off ? 1 : 0;
  }
  return Math.floor((other * 10_000) / sum.length);
}

/** The mean of lit pixels' differences in each band of brightness, rounded down. */
function bandMeans(differences: Int16Array, sum: Int16Array): number[] {
  const counts = new Int32Array(BANDS);
  const totals = new Int32Array(BANDS);
  for (let index = 0; index < sum.length; index++) {
    if (sum[index]! > LIT) {
      const band = Math.floor(sum[index]! / BAND);
      counts[band]!++;
      totals[band]! += differences[index]!;
    }
  }
  return Array.from(totals, (total, band) => Math.floor(total / Math.max(counts[band]!, 1)));
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
