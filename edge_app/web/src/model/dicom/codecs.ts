/** The twin of `edge_app/dicom/codecs.py`, for run lengths alone. */

import { ImageError } from '../errors';
import type { Layout, Raw } from './layout';

const SYNTAX = '1.2.840.10008.1.2';
export const UNPACKED = ['', '.1', '.2'];
export const JPEG_2000 = ['.4.90', '.4.91'];
/** Those that Python unpacks, most of them at least. */
const ELSEWHERE = ['.4.50', '.4.51', ...JPEG_2000];
const RLE = '.5';
const CLOSED = ['50', '51', '57', '70', '80', '81', '90', '91', '110', '111', '112', '201', '202', '203'];
const ENDINGS = [...UNPACKED, RLE, ...CLOSED.map((number) => `.4.${number}`)];

const ENDLESS = 0xffffffff;
const MAX_FRAGMENTS = 65_536;
const ITEM = 0xe000fffe; // as a little-endian number
const END = 0xe0ddfffe;

/** What tells transfer syntaxes apart; null for one whose elements can't be read either. */
export function ending(transfer: string): string | null {
  const end = transfer.startsWith(SYNTAX) ? transfer.slice(SYNTAX.length) : null;
  return end !== null && ENDINGS.includes(end) ? end : null;
}

/** Unpacks a frame; throws a RangeError where it is another picture than the file says. */
export function unpack(pixels: Uint8Array, end: string, layout: Layout, frame: number, frames: number): Raw {
  if (end !== RLE) {
    throw new ImageError('dicom_compressed', undefined, ELSEWHERE.includes(end));
  }
  return runLengths(packedFrame(pixels, frame, frames), layout);
}

/** Splits packed pixels into the offset table and the fragments behind it. */
function fragments(pixels: Uint8Array): Uint8Array[] {
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const found: Uint8Array[] = [];
  let place = 0;
  while (place + 8 <= pixels.length && view.getUint32(place, true) !== END) {
    const length = view.getUint32(place + 4, true);
    const start = place + 8;
    if (view.getUint32(place, true) !== ITEM || length === ENDLESS || start + length > pixels.length) {
      throw new RangeError('fragments');
    }
    place = start + length;
    found.push(pixels.subarray(start, place));
    if (found.length > MAX_FRAGMENTS + 1) {
      throw new RangeError('fragments');
    }
  }
  if (found.length < 2) {
    throw new RangeError('fragments');
  }
  return found;
}

function packedFrame(pixels: Uint8Array, frame: number, frames: number): Uint8Array {
  const [table, ...parts] = fragments(pixels) as [Uint8Array, ...Uint8Array[]];
  if (frames === 1) {
    return joined(parts);
  }
  if (parts.length === frames) {
    return parts[frame]!;
  }
  const starts = new Uint32Array(table.slice(0, table.length - (table.length % 4)).buffer);
  if (starts.length !== frames) {
    throw new RangeError('fragments');
  }
  const first = starts[frame]!;
  const last = starts[frame + 1] ?? ENDLESS;
  let place = 0;
  return joined(
    parts.filter((part) => {
      const start = place;
      place += part.length + 8;
      return first <= start && start < last;
    }),
  );
}

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** PS3.5, annex G: a count, the segments' places, and a segment a byte of a value, the highest first. */
function runLengths(packed: Uint8Array, { rows, columns, samples, allocated, photometric }: Layout): Raw {
  if (packed.length < 64 || allocated > 16 || photometric.startsWith('YBR')) {
    throw new RangeError('RLE');
  }
  const [count, ...places] = new Uint32Array(packed.slice(0, 64).buffer) as unknown as [number, ...number[]];
  const bytes = (samples * allocated) / 8;
  if (count !== bytes) {
    throw new RangeError('RLE');
  }
  const pixels = rows * columns;
  const values = new Uint8Array(pixels * bytes);
  for (let index = 0; index < bytes; index++) {
    const start = places[index]!;
    const stop = index + 1 < bytes ? places[index + 1]! : packed.length;
    if (start < 64 || start > stop || stop > packed.length || stop - start > 2 * pixels + 64) {
      throw new RangeError('RLE');
    }
    // A number's highest byte comes first, but lies last.
    const offset = samples === 1 ? bytes - 1 - index : index;
    unpackRuns(packed.subarray(start, stop), values, offset, bytes);
  }
  return bytes === 2 ? new Uint16Array(values.buffer) : values;
}

/** Fills every `step`th byte, as Pillow does; throws a RangeError where there are too few. */
function unpackRuns(segment: Uint8Array, target: Uint8Array, offset: number, step: number): void {
  let place = 0;
  let out = offset;
  while (out < target.length) {
    const control = segment[place];
    const taken = control === undefined ? Infinity : control < 128 ? control + 2 : control > 128 ? 2 : 1;
    if (control === undefined || place + taken > segment.length) {
      throw new RangeError('RLE');
    }
    const length = control < 128 ? control + 1 : control > 128 ? 257 - control : 0;
    for (let index = 0; index < length && out < target.length; index++, out += step) {
      target[out] = segment[place + 1 + (control < 128 ? index : 0)]!;
    }
    place += taken;
  }
}
