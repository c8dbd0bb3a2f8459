/** The twin of `edge_app/dicom/colour.py`: colours through a file's own palette. */

import type { Elements } from './elements';
import type { Raw } from './layout';
import { Tag } from './tags';

const CHANNELS = [
  [Tag.RED_SHAPE, Tag.RED],
  [Tag.GREEN_SHAPE, Tag.GREEN],
  [Tag.BLUE_SHAPE, Tag.BLUE],
] as const;

/** A plane for each colour; throws a RangeError where the file doesn't say what colour a value has. */
export function throughPalette(values: Raw, stored: number, file: Elements): Uint8Array[] {
  return CHANNELS.map(([shapeTag, tag]) => {
    const [length, first, bits] = file.words(shapeTag, 3) as unknown as [number, number, number];
    if (bits !== 8 && bits !== 16) {
      throw new RangeError('palette');
    }
    const entries = entriesOf(file, tag, length || 65536, bits);
    const table = Uint8Array.from({ length: 2 ** stored }, (_, index) => {
      return entries[Math.min(entries.length - 1, Math.max(0, index - first))]! >> (bits - 8);
    });
    return Uint8Array.from(values, (value) => table[value % table.length]!);
  });
}

function entriesOf(file: Elements, tag: Tag, count: number, bits: number): Uint8Array | Uint16Array {
  const data = file.value(tag);
  if (data.length >= 2 * count) {
    return file.words(tag, count);
  }
  if (data.length >= count && bits === 8 && file.isLittle) {
    return data.subarray(0, count);
  }
  throw new RangeError('palette');
}
