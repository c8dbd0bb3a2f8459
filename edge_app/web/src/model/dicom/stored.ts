/** The twin of `edge_app/dicom/stored.py`: stored values as indices of a table. */

import { OUTERMOST, robustRange } from '../robust';
import type { Elements } from './elements';
import type { Layout, Raw } from './layout';
import { Tag } from './tags';

const LEVELS = 65536; // that floats and values of 32 bits are brought to
export const HIGHEST = 1e300; // that a value may be, so that differences are finite

/** Explained in `edge_app/dicom/stored.py`. */
export interface Stored {
  indices: Uint8Array | Uint16Array;
  levels: Float64Array;
  counts: Uint32Array;
  padding: (index: number) => boolean;
}

/** Tells what a frame's values stand for; throws a RangeError where they are more than the file says. */
export function storedValues(raw: Raw, layout: Layout, file: Elements): Stored {
  if (!(raw instanceof Uint8Array || raw instanceof Uint16Array)) {
    return narrowed(raw, layout, file);
  }
  const bits = 8 * raw.BYTES_PER_ELEMENT;
  const { shift, stored, signed } = layout;
  const levels = Float64Array.from({ length: 2 ** bits }, (_, value) => meant(value, shift, stored, signed));
  const padding = paddingOf(levels, bits, layout, file);
  const counts = count(raw, levels.length, padding);
  checkHigherBits(raw, counts, layout);
  return { indices: raw, levels, counts, padding };
}

/** Takes the stored bits out of a value, with their sign. */
function meant(value: number, shift: number, stored: number, signed: boolean): number {
  const range = 2 ** stored;
  const bits = Math.floor(value / 2 ** shift) % range;
  return signed && bits >= range / 2 ? bits - range : bits;
}

function paddingOf(
  levels: Float64Array,
  bits: number,
  { stored, signed }: Layout,
  file: Elements,
): (index: number) => boolean {
  const one = file.integer(Tag.PADDING);
  if (one === null) {
    return () => false;
  }
  const ends = [one, file.integer(Tag.PADDING_LIMIT) ?? one].map((end) => end % levels.length);
  // Within the stored bits, as which it is compared, or beyond them, where a pixel must be the very same.
  const ones = 2 ** Math.max(0, bits - stored) - 1;
  const inside = ends.every((end) => [0, ones].includes(Math.floor(end / 2 ** stored)));
  const values = inside ? ends.map((end) => meant(end, 0, stored, signed)) : ends;
  const [first, last] = [Math.min(...values), Math.max(...values)];
  return (index) => {
    const value = inside ? levels[index]! : index;
    return value >= first && value <= last;
  };
}

function count(indices: Uint8Array | Uint16Array, size: number, padding: Stored['padding']): Uint32Array {
  const counts = new Uint32Array(size);
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator takes twice as long here
  for (let place = 0; place < indices.length; place++) {
    counts[indices[place]!]!++;
  }
  return counts.map((found, index) => (padding(index) ? 0 : found));
}

/** Throws a RangeError where what lies above the stored bits is a part of the value. */
function checkHigherBits(raw: Uint8Array | Uint16Array, counts: Uint32Array, layout: Layout): void {
  const { shift, stored, signed, columns } = layout;
  const patterns = new Set<number>();
  counts.forEach((found, value) => {
    if (found > 0) {
      patterns.add(Math.floor(value / 2 ** (shift + stored)));
    }
  });
  let changes = 0;
  let alike = 0;
  const step = (place: number, bits: number): number =>
    Math.abs(meant(raw[place]!, shift, bits, signed) - meant(raw[place - 1]!, shift, bits, signed));
  const above = (place: number): number => Math.floor(raw[place]! / 2 ** (shift + stored));
  for (let place = 1; patterns.size === 2 && place < raw.length; place++) {
    if (place % columns !== 0 && above(place) !== above(place - 1)) {
      changes++;
      alike += step(place, 8 * raw.BYTES_PER_ELEMENT - shift) < step(place, stored) ? 1 : 0;
    }
  }
  if (patterns.size > 2 || alike * 4 > changes) {
    throw new RangeError('stored bits');
  }
}

/** Brings floats and values of 32 bits to so many levels within their robust range; the first is none. */
function narrowed(raw: Raw, layout: Layout, file: Elements): Stored {
  const number = numberOf(layout, file);
  const present = Float64Array.from(raw, number).filter(Number.isFinite).sort();
  const last = present.length - 1;
  if (last < 0) {
    throw new RangeError('values');
  }
  const skipped = Math.floor(present.length / OUTERMOST);
  const [low, high] = robustRange(present, present[skipped]!, present[last - skipped]!);
  if (!(Math.max(-low, high) < HIGHEST)) {
    throw new RangeError('values');
  }
  const step = (high - low) / (LEVELS - 2) || 1;
  const indices = Uint16Array.from(raw, (value) => {
    const one = number(value);
    return Number.isFinite(one) ? Math.floor((Math.min(high, Math.max(low, one)) - low) / step + 0.5) + 1 : 0;
  });
  const levels = Float64Array.from({ length: LEVELS }, (_, index) => low + (index - 1) * step);
  const padding = (index: number): boolean => index === 0;
  return { indices, levels, counts: count(indices, LEVELS, padding), padding };
}

/** What a value means; no finite number for what is padding. */
function numberOf({ floats, shift, stored, signed }: Layout, file: Elements): (value: number) => number {
  if (floats) {
    return (value) => value;
  }
  const one = file.integer(Tag.PADDING);
  if (one === null) {
    return (value) => meant(value, shift, stored, signed);
  }
  const ends = [one, file.integer(Tag.PADDING_LIMIT) ?? one].map((end) => meant(end, 0, stored, signed));
  const [first, last] = [Math.min(...ends), Math.max(...ends)];
  return (value) => {
    const number = meant(value, shift, stored, signed);
    return number >= first && number <= last ? NaN : number;
  };
}
