/** Through which window a picture is seen. It changes what is shown, and nothing that the model gets. */

import { throughRange } from '../../model/dicom/display';
import { rangesOf, type Ranges, type Stored } from '../../model/look';
import { grey } from '../../model/preprocessing';
import { resize } from '../../model/resize';
import type { Range } from '../../model/robust';

export const PRESETS = ['own', 'full', 'robust'] as const;
export type Preset = (typeof PRESETS)[number];

/** A window that was dragged: of the values that a file holds, or of those that are shown. */
export interface Dragged extends Range {
  stored: boolean;
}

export interface Windowing {
  window: Preset | Dragged;
  inverted: boolean;
}

export const AS_READ: Windowing = { window: 'own', inverted: false };

/** What can be seen through a window: pixels of 8 bits, or the values that a file holds. */
export interface Levels {
  /** Whether they are the values that the file holds. */
  stored: boolean;
  ranges: Ranges;
  /** The pixels, RGBA. */
  through: (windowing: Windowing) => Uint8ClampedArray<ArrayBuffer>;
}

const EIGHT_BITS = Float64Array.from({ length: 256 }, (_, level) => level);

/** Whether a window changes nothing. */
export function isAsRead({ window, inverted }: Windowing): boolean {
  return window === 'own' && !inverted;
}

export function rangeOf({ window }: Windowing, ranges: Ranges): Range {
  return typeof window === 'string' ? ranges[window] : window;
}

/** The window for a picture: one that was dragged over values of another kind says nothing of its own. */
export function windowFor(windowing: Windowing, levels: Levels | undefined): Windowing {
  const { window, inverted } = windowing;
  const isAlike = typeof window === 'string' || window.stored === levels?.stored;
  return isAlike ? windowing : { window: 'own', inverted };
}

/**
 * Widens a window and raises its level.
 *
 * @param across, down Shares of the picture's full range.
 */
export function dragged(
  windowing: Windowing,
  across: number,
  down: number,
  { ranges, stored }: Levels,
): Windowing {
  const { full } = ranges;
  const span = full.high - full.low || 1;
  const { low, high } = rangeOf(windowing, ranges);
  const width = Math.min(4 * span, Math.max(span / 256, high - low + across * span));
  const middle = (low + high) / 2 + down * span;
  const centre = Math.min(full.high + span, Math.max(full.low - span, middle));
  return { ...windowing, window: { low: centre - width / 2, high: centre + width / 2, stored } };
}

/** Pixels of 8 bits as they are shown, RGBA; each colour goes through the same window. */
export function shownLevels(rgba: Uint8ClampedArray<ArrayBuffer>): Levels {
  const counts = new Uint32Array(256);
  for (let place = 0; place < rgba.length; place += 4) {
    counts[grey(rgba, place)]!++;
  }
  return {
    stored: false,
    ranges: { own: { low: 0, high: 255 }, ...rangesOf(EIGHT_BITS, counts) },
    through(windowing) {
      const table = turned(throughRange(EIGHT_BITS, rangeOf(windowing, this.ranges)), windowing);
      const pixels = rgba.slice();
      for (let place = 0; place < pixels.length; place += 4) {
        pixels[place] = table[pixels[place]!]!;
        pixels[place + 1] = table[pixels[place + 1]!]!;
        pixels[place + 2] = table[pixels[place + 2]!]!;
      }
      return pixels;
    },
  };
}

/**
 * The values that a file holds.
 *
 * @param width, height In square pixels, as it is shown.
 */
export function storedLevels(stored: Stored, width: number, height: number): Levels {
  const { columns, rows, indices, ranges } = stored;
  return {
    stored: true,
    ranges,
    through(windowing) {
      const table = turned(tableOf(stored, windowing), windowing);
      const values = new Uint8Array(indices.length);
      for (let place = 0; place < indices.length; place++) {
        values[place] = table[indices[place]!]!;
      }
      const square = resize({ width: columns, height: rows, values }, width, height).values;
      const pixels = new Uint8ClampedArray(4 * square.length);
      for (let pixel = 0, place = 0; pixel < square.length; pixel++, place += 4) {
        pixels.fill(square[pixel]!, place, place + 3);
        pixels[place + 3] = 255;
      }
      return pixels;
    },
  };
}

/** What each index is shown as; the file's own window may be a curve or a table. */
function tableOf({ levels, shown, inverted, ranges }: Stored, windowing: Windowing): Uint8Array {
  if (windowing.window === 'own') {
    return shown;
  }
  const table = throughRange(levels, rangeOf(windowing, ranges));
  return table.map((value, index) => (Number.isNaN(levels[index]!) ? 0 : inverted ? 255 - value : value));
}

function turned(table: Uint8Array, { inverted }: Windowing): Uint8Array {
  return inverted ? table.map((value) => 255 - value) : table;
}
