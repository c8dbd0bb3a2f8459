/** Pillow's antialiased bilinear resize, in two passes, bit for bit. */

const PRECISION = 22; // bits of a weight's fraction, as Pillow has for 8-bit pictures

/** The weights of the inputs `first[i]` onwards in the output `i`: those from `i * reach` in `weights`. */
interface Taps {
  first: Int32Array;
  reach: number;
  weights: Int32Array;
}

/** A plane of numbers, row by row. */
export interface Plane<Values extends Uint8Array | Float32Array> {
  width: number;
  height: number;
  values: Values;
}

/** Where a pass reads and writes: along rows `step` is 1 and `stride` the width, along columns the reverse. */
interface Way {
  step: number;
  stride: number;
}

/** Resizes a plane of 8 bits, computed in integers. */
export function resize(plane: Plane<Uint8Array>, width: number, height: number): Plane<Uint8Array> {
  let { values } = plane;
  if (width !== plane.width) {
    const narrow = new Uint8Array(width * plane.height);
    const from = { step: 1, stride: plane.width };
    pass(values, narrow, taps(plane.width, width), plane.height, from, { step: 1, stride: width });
    values = narrow;
  }
  if (height !== plane.height) {
    const low = new Uint8Array(width * height);
    const way = { step: width, stride: 1 };
    pass(values, low, taps(plane.height, height), width, way, way);
    values = low;
  }
  return { width, height, values };
}

/** The weights with which Pillow resizes one side. */
function taps(input: number, output: number): Taps {
  const scale = input / output;
  const support = Math.max(scale, 1);
  const reach = Math.min(input, Math.ceil(support) * 2 + 1);
  const first = new Int32Array(output);
  const weights = new Float64Array(output * reach);
  for (let index = 0; index < output; index++) {
    const centre = (index + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(input, Math.trunc(centre + support + 0.5));
    const line = weights.subarray(index * reach, (index + 1) * reach);
    let total = 0;
    for (let place = start; place < end; place++) {
      const weight = Math.max(0, 1 - Math.abs((place - centre + 0.5) * (1 / support)));
      line[place - start] = weight;
      total += weight;
    }
    first[index] = Math.min(start, input - reach);
    // What would be read beyond the end is read before it, with no weight.
    line.copyWithin(start - first[index]!, 0, end - start).fill(0, 0, start - first[index]!);
    line.forEach((weight, place) => (line[place] = weight / total));
  }
  const whole = Int32Array.from(weights, (weight) => Math.trunc(0.5 + weight * (1 << PRECISION)));
  return { first, reach, weights: whole };
}

function pass(
  source: Uint8Array,
  target: Uint8Array,
  { first, reach, weights }: Taps,
  lines: number,
  from: Way,
  to: Way,
): void {
  for (let index = 0; index < first.length; index++) {
    for (let row = 0; row < lines; row++) {
      let place = row * from.stride + first[index]! * from.step;
      let sum = 1 << (PRECISION - 1);
      for (let tap = index * reach; tap < (index + 1) * reach; tap++) {
        sum = (sum + Math.imul(source[place]!, weights[tap]!)) | 0;
        place += from.step;
      }
      target[row * to.stride + index * to.step] = sum >> PRECISION;
    }
  }
}
