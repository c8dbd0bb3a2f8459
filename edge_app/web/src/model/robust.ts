/** The twin of `edge_app/robust.py`: the range of a picture's levels, whatever a few pixels say. */

export const OUTERMOST = 1000; // of so many pixels one at each end says nothing of the range

/**
 * The lowest and the highest level of a picture without its outliers.
 *
 * @param levels Of the pixels, in rising order, each at least once.
 * @param low The lowest of all but the outermost pixels.
 * @param high The highest of them.
 */
export function robustRange(levels: Float64Array, low: number, high: number): [number, number] {
  const width = high - low;
  if (width === 0) {
    return [levels[0]!, levels.at(-1)!];
  }
  const first = levels.findIndex((level) => level >= low - width);
  const last = levels.findLastIndex((level) => level <= high + width);
  return [levels[first]!, levels[last]!];
}

/** Levels from the one that is black to the one that is white. */
export interface Range {
  low: number;
  high: number;
}

/**
 * The range of a picture's levels without its outliers.
 *
 * @param levels In rising order, each once.
 * @param counts How many pixels have each.
 */
export function rangeWithoutOutliers(levels: Float64Array, counts: readonly number[]): Range {
  const { first, last } = middle(counts);
  const [low, high] = robustRange(levels, levels[first]!, levels[last]!);
  return { low, high };
}

/** The first and the last place of all but the outermost pixels, of which each place has so many. */
export function middle(counts: readonly number[]): { first: number; last: number } {
  let below = 0;
  const sums = counts.map((found) => (below += found));
  const skipped = Math.floor(below / OUTERMOST);
  return {
    first: sums.findIndex((sum) => sum > skipped),
    last: sums.findIndex((sum) => sum > below - 1 - skipped),
  };
}
