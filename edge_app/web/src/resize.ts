/** Pillow's antialiased bilinear resize, in two passes, bit for bit. */

const PRECISION = 22; // bits of a weight's fraction, as Pillow has for 8-bit pictures

/** The weights of the inputs `first[i]` onwards in the output `i`: those from `i * reach` in `weights`. */
interface Taps<Weights extends Int32Array | Float64Array> {
  first: Int32Array;
  reach: number;
  weights: Weights;
}

/** A plane of numbers, row by row. */
export interface Plane<Values extends Uint8Array | Float32Array> {
  width: number;
  height: number;
  values: Values;
}

/** The weights with which Pillow resizes one side. */
export function taps(input: number, output: number): Taps<Float64Array> {
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
  return { first, reach, weights };
}

/** Where a pass reads and writes: along rows `step` is 1 and `stride` the width, along columns the reverse. */
interface Way {
  step: number;
  stride: number;
}

type Pass<Values, Weights extends Int32Array | Float64Array> = (
  source: Values,
  target: Values,
  taps: Taps<Weights>,
  lines: number,
  from: Way,
  to: Way,
) => void;

// Two functions and not one: an engine makes fast code of a loop only where it meets one kind of array.
const bytesPass: Pass<Uint8Array, Int32Array> = (
  source,
  target,
  { first, reach, weights },
  lines,
  from,
  to,
) => {
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
};

const floatsPass: Pass<Float32Array, Float64Array> = (
  source,
  target,
  { first, reach, weights },
  lines,
  from,
  to,
) => {
  for (let index = 0; index < first.length; index++) {
    for (let row = 0; row < lines; row++) {
      let place = row * from.stride + first[index]! * from.step;
      let sum = 0;
      for (let tap = index * reach; tap < (index + 1) * reach; tap++) {
        sum += source[place]! * weights[tap]!;
        place += from.step;
      }
      target[row * to.stride + index * to.step] = sum;
    }
  }
};

function whole({ first, reach, weights }: Taps<Float64Array>): Taps<Int32Array> {
  const scaled = Int32Array.from(weights, (weight) => Math.trunc(0.5 + weight * (1 << PRECISION)));
  return { first, reach, weights: scaled };
}

function passes<Values extends Uint8Array | Float32Array, Weights extends Int32Array | Float64Array>(
  plane: Plane<Values>,
  width: number,
  height: number,
  make: (length: number) => Values,
  weigh: (input: number, output: number) => Taps<Weights>,
  pass: Pass<Values, Weights>,
): Plane<Values> {
  let { values } = plane;
  if (width !== plane.width) {
    const narrow = make(width * plane.height);
    const from = { step: 1, stride: plane.width };
    pass(values, narrow, weigh(plane.width, width), plane.height, from, { step: 1, stride: width });
    values = narrow;
  }
  if (height !== plane.height) {
    const low = make(width * height);
    const way = { step: width, stride: 1 };
    pass(values, low, weigh(plane.height, height), width, way, way);
    values = low;
  }
  return { width, height, values };
}

/** Resizes a plane of 8 bits, computed in integers. */
export function resize(plane: Plane<Uint8Array>, width: number, height: number): Plane<Uint8Array> {
  const weigh = (input: number, output: number): Taps<Int32Array> => whole(taps(input, output));
  return passes(plane, width, height, (length) => new Uint8Array(length), weigh, bytesPass);
}

/** Resizes a plane of 32-bit floats, summed in doubles. */
export function resizeFloats(plane: Plane<Float32Array>, width: number, height: number): Plane<Float32Array> {
  return passes(plane, width, height, (length) => new Float32Array(length), taps, floatsPass);
}
