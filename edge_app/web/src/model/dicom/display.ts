/** The twin of `edge_app/dicom/display.py`: from stored values to what a screen shows, operation by operation. */

import { rangeWithoutOutliers, middle, type Range } from '../robust';
import type { Elements } from './elements';
import type { Frames } from './frames';
import type { Layout, Raw } from './layout';
import { HIGHEST, storedValues } from './stored';
import { Tag } from './tags';

const FEWEST_LEVELS = 32; // that a window must leave of a picture, or it is none for it

/** From a level to a share of white, 0 to 1 and beyond, and the range that it spreads from black to white. */
interface Window extends Range {
  share: (level: number) => number;
}

/** A grey frame as it is stored, and how its levels are shown. */
export interface Depth {
  indices: Uint8Array | Uint16Array;
  /** What each index means. */
  levels: Float64Array;
  /** What each index is shown as. */
  shown: Uint8Array;
  padding: (index: number) => boolean;
  /** How many pixels have each index; of padding none. */
  counts: Uint32Array;
  /** Of the levels, as they are shown. */
  window: Range;
  /** Whether what is low is white. */
  inverted: boolean;
}

/** The levels of a grey frame; throws a RangeError where it can't be shown rightly. */
export function show(raw: Raw, layout: Layout, file: Elements, frames: Frames, frame: number): Uint8Array {
  const { indices, shown } = depthOf(raw, layout, file, frames, frame);
  return Uint8Array.from(indices, (index) => shown[index]!);
}

/** What there is to show of a grey frame; throws a RangeError where it can't be shown rightly. */
export function depthOf(raw: Raw, layout: Layout, file: Elements, frames: Frames, frame: number): Depth {
  const { indices, levels: stored, counts, padding } = storedValues(raw, layout, file);
  const levels = rescale(stored, layout, frames.about(frame, Tag.VALUE_TRANSFORMATIONS));
  const { table, window } = tableOf(levels, counts, windows(layout, frames.about(frame, Tag.FRAME_VOIS)));
  const inverted = layout.photometric === 'MONOCHROME1' || file.text(Tag.PRESENTATION_SHAPE) === 'INVERSE';
  const shown = table.map((level, index) => (padding(index) ? 0 : inverted ? 255 - level : level));
  return { indices, levels, shown, padding, counts, window, inverted };
}

/** Applies the first table or line of the modality's. */
function rescale(levels: Float64Array, layout: Layout, sources: Elements[]): Float64Array {
  const source = sources.find(
    (each) => each.items(Tag.MODALITY_LUTS).length > 0 || each.text(Tag.SLOPE) || each.text(Tag.INTERCEPT),
  );
  const [item] = source?.items(Tag.MODALITY_LUTS) ?? [];
  let rescaled = levels;
  if (item) {
    const { entries, first } = lut(item, layout);
    rescaled = levels.map((level) => entry(entries, first, level));
  } else if (source) {
    const slope = source.text(Tag.SLOPE) ? source.first(Tag.SLOPE) : 1;
    const intercept = source.text(Tag.INTERCEPT) ? source.first(Tag.INTERCEPT) : 0;
    if (slope === null || intercept === null) {
      throw new RangeError('rescale');
    }
    rescaled = levels.map((level) => level * (slope || 1) + intercept); // a slope of 0 would show nothing
  }
  if (!rescaled.every((level) => Math.abs(level) < HIGHEST)) {
    throw new RangeError('rescale');
  }
  return rescaled;
}

/** What is shown for each level: by the first window that shows enough, or by the whole range. */
function tableOf(
  levels: Float64Array,
  counts: Uint32Array,
  windows: Iterable<Window>,
): { table: Uint8Array; window: Range } {
  const order = Array.from(counts.keys()).filter((index) => counts[index]! > 0);
  if (order.length === 0) {
    return { table: new Uint8Array(levels.length), window: { low: 0, high: 0 } };
  }
  order.sort((one, other) => levels[one]! - levels[other]!);
  const { first, last } = middle(order.map((index) => counts[index]!));
  for (const { share, ...window } of windows) {
    const table = Uint8Array.from(levels, (level) => toByte(share(level)));
    if (new Set(order.slice(first, last + 1).map((index) => table[index])).size >= FEWEST_LEVELS) {
      return { table, window };
    }
  }
  const window = rangeWithoutOutliers(
    Float64Array.from(order, (index) => levels[index]!),
    order.map((index) => counts[index]!),
  );
  return { table: throughRange(levels, window), window };
}

/** What is shown for each level where a range is spread from black to white. */
export function throughRange(levels: Float64Array, { low, high }: Range): Uint8Array {
  return Uint8Array.from(levels, (level) => toByte((level - low) / (high - low || 1)));
}

function toByte(share: number): number {
  return Math.floor(Math.min(1, Math.max(0, share)) * 255 + 0.5);
}

/** The windows, then the tables, of the frame, of all frames and of the file. */
function* windows(layout: Layout, sources: Elements[]): Generator<Window> {
  for (const source of sources) {
    const kind = source.text(Tag.FUNCTION);
    const widths = source.numbers(Tag.WIDTH);
    for (const [index, centre] of source.numbers(Tag.CENTRE).entries()) {
      const width = widths[index] ?? null;
      if (centre === null || width === null || width <= 0) {
        continue;
      }
      if (kind === 'SIGMOID') {
        yield sigmoid(centre, width);
      } else if (kind === 'LINEAR_EXACT') {
        yield linear(centre, width);
      } else if (width > 1) {
        yield linear(centre - 0.5, width - 1);
      }
    }
    for (const item of source.items(Tag.VOI_LUTS)) {
      const { entries, first, white } = lut(item, layout);
      const share = (level: number): number => entry(entries, first, level) / white;
      yield { share, low: first, high: first + entries.length - 1 };
    }
  }
}

function linear(centre: number, width: number): Window {
  return { share: (level) => (level - centre) / width + 0.5, ...around(centre, width) };
}

function sigmoid(centre: number, width: number): Window {
  const share = (level: number): number =>
    1 / (1 + Math.exp(Math.min(700, Math.max(-700, -4 * ((level - centre) / width)))));
  return { share, ...around(centre, width) };
}

function around(centre: number, width: number): Range {
  return { low: centre - width / 2, high: centre + width / 2 };
}

interface Lut {
  entries: ArrayLike<number>;
  first: number;
  white: number;
}

/** A table's entries, the value that the first is for, and the highest that there can be. */
function lut(item: Elements, { signed }: Layout): Lut {
  const [length, start, bits] = item.words(Tag.LUT_SHAPE, 3) as unknown as [number, number, number];
  if (bits < 8 || bits > 16) {
    throw new RangeError('LUT');
  }
  const count = length || 65536;
  const data = item.value(Tag.LUT);
  const first = signed && start >= 32768 ? start - 65536 : start;
  const white = 2 ** bits - 1;
  if (data.length >= 2 * count) {
    return { entries: item.words(Tag.LUT, count), first, white };
  }
  if (data.length >= count && item.isLittle) {
    return { entries: data.subarray(0, count), first, white };
  }
  throw new RangeError('LUT');
}

function entry(entries: ArrayLike<number>, first: number, level: number): number {
  return entries[Math.min(entries.length - 1, Math.max(0, Math.floor(level) - first))]!;
}
