/** The twin of `edge_app/dicom/layout.py`: how a file's pixels lie in memory. */

import type { Elements } from './elements';
import { Tag } from './tags';

const GREY = ['MONOCHROME1', 'MONOCHROME2'];
export const PALETTE = 'PALETTE COLOR';
const COLOURS = ['RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_ICT', 'YBR_RCT'];

/** A frame's values as they are stored; of three colours pixel by pixel. */
export type Raw = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** Explained in `edge_app/dicom/layout.py`. */
export interface Layout {
  rows: number;
  columns: number;
  photometric: string;
  samples: number;
  planar: boolean;
  allocated: number;
  stored: number;
  shift: number;
  signed: boolean;
  floats: boolean;
  isLittle: boolean;
}

/** Reads what a file says of its pixels; throws a RangeError where they can't be shown. */
export function layoutOf(file: Elements): Layout {
  const floats = !file.has(Tag.PIXELS);
  const allocated = floats ? (file.has(Tag.DOUBLE_PIXELS) ? 64 : 32) : file.integer(Tag.ALLOCATED);
  const stored = floats ? allocated : file.integer(Tag.STORED);
  const high = floats ? null : file.integer(Tag.HIGH_BIT);
  const rows = file.integer(Tag.ROWS);
  const columns = file.integer(Tag.COLUMNS);
  if (!rows || !columns || !allocated || !stored) {
    throw new RangeError('pixels');
  }
  const layout = {
    rows,
    columns,
    photometric: file.text(Tag.PHOTOMETRIC),
    samples: file.integer(Tag.SAMPLES) ?? 1,
    planar: Boolean(file.integer(Tag.PLANAR)),
    allocated,
    stored,
    shift: (high ?? stored - 1) + 1 - stored,
    signed: Boolean(file.integer(Tag.SIGNED)),
    floats,
    isLittle: file.isLittle,
  };
  if (layout.shift < 0 || layout.shift > allocated - stored || !isKnown(layout)) {
    throw new RangeError('pixels');
  }
  // Where words are swapped, so are the two bytes in each.
  if (!layout.isLittle && allocated === 8 && file.kind(Tag.PIXELS) !== 'OB') {
    throw new RangeError('pixels');
  }
  return layout;
}

/** Tells whether pixels are of a sort that can be shown. */
function isKnown({ photometric, samples, allocated, stored, shift, signed, floats }: Layout): boolean {
  if (GREY.includes(photometric)) {
    return samples === 1 && (floats || [8, 16, 32].includes(allocated));
  }
  if (floats || signed || shift !== 0) {
    return false;
  }
  if (photometric === PALETTE) {
    return samples === 1 && [8, 16].includes(allocated);
  }
  return COLOURS.includes(photometric) && samples === 3 && allocated === 8 && stored === 8;
}

/** How many bytes a frame takes that isn't packed. */
export function frameBytes({ rows, columns, samples, allocated }: Layout): number {
  return (rows * columns * samples * allocated) / 8;
}

/** A frame of a file that isn't packed; throws a RangeError where it is cut. */
export function unpacked(layout: Layout, pixels: Uint8Array, frame: number): Raw {
  const { allocated, samples, photometric, floats, isLittle, planar } = layout;
  if (samples === 3 && photometric !== 'RGB') {
    throw new RangeError('colours');
  }
  const length = frameBytes(layout);
  const bytes = pixels.slice(frame * length, (frame + 1) * length);
  if (bytes.length < length) {
    throw new RangeError('pixels');
  }
  if (!isLittle) {
    const size = allocated / 8;
    for (let start = 0; start < length; start += size) {
      bytes.subarray(start, start + size).reverse();
    }
  }
  if (allocated === 8) {
    return samples === 3 && planar ? interleaved(bytes) : bytes;
  }
  if (floats) {
    return allocated === 64 ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
  }
  return allocated === 32 ? new Uint32Array(bytes.buffer) : new Uint16Array(bytes.buffer);
}

function interleaved(planes: Uint8Array): Uint8Array {
  const count = planes.length / 3;
  return planes.map((_, index) => planes[(index % 3) * count + Math.floor(index / 3)]!);
}
