/** A picture for the eye: all that its file holds of it, and what the model gets. Nothing here is classified. */

import type { InputSpec } from './bundle';
import { DicomFile, isDicom, type StoredFrame } from './dicom';
import { decode } from './image';
import { preprocess, toGrey, type Picture } from './preprocessing';
import { rangeWithoutOutliers, type Range } from './robust';
import { bytesOf, type Packed } from './zip';

const LARGEST = 1024; // pixels a side of which stored values are handed on

/** The windows that a picture offers by itself. */
export interface Ranges {
  /** The file's. */
  own: Range;
  /** From the lowest level to the highest. */
  full: Range;
  /** The same without outliers, as a file without a window is shown. */
  robust: Range;
}

/** A grey picture's values as they are stored. */
export interface Stored {
  columns: number;
  rows: number;
  indices: Uint8Array | Uint16Array;
  /** What each index means; no number for padding, which is always black. */
  levels: Float64Array;
  /** What each index is shown as through the file's own window, which need not be a line. */
  shown: Uint8Array;
  /** Whether what is low is white. */
  inverted: boolean;
  ranges: Ranges;
}

export interface Look {
  /** Decoded, as the model's preprocessing gets it. */
  image: ImageData;
  /** Null where the file holds no more than is shown, or too much. */
  stored: Stored | null;
  /** The model's input: a square of grey levels, row by row. */
  input: Uint8Array<ArrayBuffer>;
}

/**
 * Decodes a file to be looked at.
 *
 * @param frame Which of the file's, from 0.
 * @throws ImageError
 */
export async function look(source: Blob | Packed, frame: number, spec: InputSpec): Promise<Look> {
  const bytes = await bytesOf(source);
  if (!isDicom(bytes)) {
    const { image } = await decode(source);
    return { image, stored: null, input: inputOf(image, spec) };
  }
  const file = new DicomFile(bytes);
  const image = file.load(frame);
  const small = Math.max(image.width, image.height) <= LARGEST;
  const depth = small ? file.depth(frame) : null;
  return { image, stored: depth && storedOf(depth), input: inputOf(image, spec) };
}

/** The model's input of a picture: a square of grey levels, row by row. */
export function inputOf({ data, width, height }: Picture, spec: InputSpec): Uint8Array<ArrayBuffer> {
  return preprocess(toGrey(data, width, height), { ...spec, channels: 1 }).pixels;
}

/** The widest and the robust range of levels, of which each has so many pixels. */
export function rangesOf(
  levels: ArrayLike<number>,
  counts: ArrayLike<number>,
): Pick<Ranges, 'full' | 'robust'> {
  const order = Array.from({ length: counts.length }, (_, index) => index).filter(
    (index) => counts[index]! > 0,
  );
  if (order.length === 0) {
    const nothing = { low: 0, high: 0 };
    return { full: nothing, robust: nothing };
  }
  order.sort((one, other) => levels[one]! - levels[other]!);
  const present = Float64Array.from(order, (index) => levels[index]!);
  return {
    full: { low: present[0]!, high: present.at(-1)! },
    robust: rangeWithoutOutliers(
      present,
      order.map((index) => counts[index]!),
    ),
  };
}

function storedOf({ columns, rows, indices, levels, shown, inverted, ...depth }: StoredFrame): Stored {
  const ranges = { own: depth.window, ...rangesOf(levels, depth.counts) };
  const meant = levels.map((level, index) => (depth.padding(index) ? NaN : level));
  return { columns, rows, indices, levels: meant, shown, inverted, ranges };
}
