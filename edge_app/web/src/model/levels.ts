/** The twin of `edge_app/levels.py`: from 16 bits to the eight that are shown. */

const FEW = 1000; // one pixel in so many may be brighter by far than the rest
const WHITE = 1 << 15; // a picture with levels from here on uses all of its 16 bits

/** Shows 16 bits with 8, and a level that is transparent as black. */
export function toLevels(values: Uint16Array, transparent: number | null): Uint8Array {
  const counts = new Uint32Array(1 << 16);
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator takes twice as long here
  for (let index = 0; index < values.length; index++) {
    counts[values[index]!]!++;
  }
  // Level 0 is black anyway.
  if (transparent) {
    counts[0]! += counts[transparent]!;
    counts[transparent] = 0;
  }
  const table = makeTable(counts, values.length);
  if (transparent) {
    table[transparent] = 0;
  }
  const shown = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) {
    shown[index] = table[values[index]!]!;
  }
  return shown;
}

/** What each of 65,536 levels is shown as, by how many pixels have it. */
function makeTable(counts: Uint32Array, total: number): Uint8Array {
  const white = brightest(counts, total);
  return Uint8Array.from(counts, (_, level) =>
    white >= WHITE ? level >> 8 : Math.min(255, Math.floor((level * 255) / Math.max(white, 1))),
  );
}

/** The brightest level there is, without those few that are brighter by far than the rest. */
function brightest(counts: Uint32Array, total: number): number {
  let brighter = total;
  const common = counts.findIndex((count) => {
    brighter -= count;
    return brighter * FEW <= total;
  });
  const within = common > 0 ? counts.subarray(0, 2 * common + 1) : counts;
  return within.findLastIndex((count) => count > 0);
}
