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
