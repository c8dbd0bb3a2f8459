/** Pillow's antialiased bilinear resize, in two passes, bit for bit. */

const PRECISION = 22; // bits of a weight's fraction, as Pillow has for 8-bit pictures

/** The weights of the inputs `first[i]` to `first[i] + weights[i].length - 1` in the output `i`. */
interface Taps {
  first: number[];
  weights: number[][];
}

/** A plane of numbers, row by row. */
export interface Plane<Values extends Uint8Array | Float32Array> {
  width: number;
  height: number;
  values: Values;
}

function taps(input: number, output: number): Taps {
  const scale = input / output;
  const support = Math.max(scale, 1);
  const first: number[] = [];
  const weights: number[][] = [];
  for (let index = 0; index < output; index++) {
    const centre = (index + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(input, Math.trunc(centre + support + 0.5));
    const raw: number[] = [];
    let total = 0;
    for (let place = start; place < end; place++) {
      const weight = Math.max(0, 1 - Math.abs((place - centre + 0.5) * (1 / support)));
      raw.push(weight);
      total += weight;
    }
    first.push(start);
    weights.push(raw.map((weight) => weight / total));
  }
  return { first, weights };
}

/** Runs one pass: along rows where `step` is 1 and `stride` the width, along columns the other way round. */
function pass(
  source: Uint8Array | Float32Array,
  target: Uint8Array | Float32Array,
  { first, weights }: Taps,
  lines: number,
  from: { step: number; stride: number },
  to: { step: number; stride: number },
  begin: number,
): void {
  for (let index = 0; index < weights.length; index++) {
    const line = weights[index]!;
    const offset = first[index]! * from.step;
    for (let row = 0; row < lines; row++) {
      let sum = begin;
      let place = row * from.stride + offset;
      for (const weight of line) {
        sum += source[place]! * weight;
        place += from.step;
      }
      target[row * to.stride + index * to.step] = begin ? sum >> PRECISION : sum;
    }
  }
}

function whole({ first, weights }: Taps): Taps {
  return {
    first,
    weights: weights.map((line) => line.map((weight) => Math.trunc(0.5 + weight * (1 << PRECISION)))),
  };
}

/**
 * Resizes a plane.
 *
 * @param plane 8 bits, computed in integers, or 32-bit floats, summed in doubles.
 */
export function resize<Values extends Uint8Array | Float32Array>(
  plane: Plane<Values>,
  width: number,
  height: number,
): Plane<Values> {
  const bytes = plane.values instanceof Uint8Array;
  const make = (size: number): Values => (bytes ? new Uint8Array(size) : new Float32Array(size)) as Values;
  const exact = (input: number, output: number): Taps =>
    bytes ? whole(taps(input, output)) : taps(input, output);
  const begin = bytes ? 1 << (PRECISION - 1) : 0;
  let { values } = plane;
  if (width !== plane.width) {
    const narrow = make(width * plane.height);
    const from = { step: 1, stride: plane.width };
    pass(values, narrow, exact(plane.width, width), plane.height, from, { step: 1, stride: width }, begin);
    values = narrow;
  }
  if (height !== plane.height) {
    const low = make(width * height);
    const from = { step: width, stride: 1 };
    pass(values, low, exact(plane.height, height), width, from, { step: width, stride: 1 }, begin);
    values = low;
  }
  return { width, height, values };
}
