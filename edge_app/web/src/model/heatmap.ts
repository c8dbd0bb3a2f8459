/** The twin of `lay_out` in `edge_app/classifier.py`: a small map, laid over a picture where it is shown. */

import type { Box } from './preprocessing';
import type { Plane } from './resize';

/** A small map, 0 to 1, and the part of a picture of `size` (width, height) that it lies over. */
export interface Heatmap {
  map: Plane<Float32Array>;
  box: Box;
  size: readonly [number, number];
}

/** Where an axis of the map ends up: the weights of the samples `first[i]` onwards in the place `i`. */
interface Axis {
  first: Int32Array;
  reach: number;
  weights: Float64Array;
}

/** Lays a map over its picture, shown at a width and a height; 0 outside the box, which is moved to whole pixels. */
export function heatmapAt({ map, box, size }: Heatmap, width: number, height: number): Plane<Float32Array> {
  const [left, top, right, bottom] = box;
  const columns = axis(map.width, left, right, size[0], width);
  const rows = axis(map.height, top, bottom, size[1], height);
  const wide = stretch(map, columns);
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let tap = 0; tap < rows.reach; tap++) {
      const weight = rows.weights[y * rows.reach + tap]!;
      if (weight === 0) {
        continue;
      }
      let from = (rows.first[y]! + tap) * width;
      for (let place = y * width; place < (y + 1) * width; place++, from++) {
        values[place]! += weight * wide[from]!;
      }
    }
  }
  return { width, height, values: values.map((value) => Math.min(1, Math.max(0, value))) };
}

/** Each row of a map, stretched. */
function stretch(
  { width, height, values }: Plane<Float32Array>,
  { first, reach, weights }: Axis,
): Float32Array {
  const wide = new Float32Array(first.length * height);
  for (let y = 0, place = 0; y < height; y++) {
    for (let x = 0; x < first.length; x++, place++) {
      for (let tap = 0; tap < reach; tap++) {
        wide[place]! += weights[x * reach + tap]! * values[y * width + first[x]! + tap]!;
      }
    }
  }
  return wide;
}

/**
 * The weights of Pillow's antialiased bilinear resize along one axis.
 *
 * @param inputs Samples of the map.
 * @param start Where the map begins in the picture, and `stop` where it ends.
 * @param picture Pixels of the picture, shown at `length`.
 */
function axis(inputs: number, start: number, stop: number, picture: number, length: number): Axis {
  const begin = rounded((start * length) / picture);
  const end = Math.max(begin + 1, rounded((stop * length) / picture));
  const scale = inputs / (end - begin);
  const support = Math.max(scale, 1);
  const reach = Math.min(inputs, Math.ceil(support) * 2 + 1);
  const first = new Int32Array(length);
  const weights = new Float64Array(length * reach);
  for (let index = Math.max(0, begin); index < Math.min(length, end); index++) {
    const centre = (index - begin + 0.5) * scale;
    first[index] = Math.min(Math.max(0, Math.floor(centre - support)), inputs - reach);
    const line = weights.subarray(index * reach, (index + 1) * reach);
    line.forEach((_, tap) => {
      const distance = Math.abs(first[index]! + tap + 0.5 - centre);
      line[tap] = Math.max(0, 1 - distance / support);
    });
    const total = line.reduce((sum, weight) => sum + weight, 0);
    line.forEach((weight, tap) => (line[tap] = weight / total));
  }
  return { first, reach, weights };
}

/** As Python rounds: halves to the even number. */
function rounded(value: number): number {
  const above = Math.round(value);
  return above - value === 0.5 && above % 2 !== 0 ? above - 1 : above;
}
