/** A drawn head that looks a little like a slice of an MRI; it holds nothing of any patient. */

import { encode } from './slice';

const SIDE = 512; // pixels

/** Draws it as a JPEG, the same each time. */
export async function phantom(): Promise<Blob> {
  const drawn = new ImageData(phantomPixels(SIDE), SIDE);
  return encode(drawn, 'image/jpeg', (context) => {
    context.putImageData(drawn, 0, 0);
  });
}

/** Its pixels, RGBA: a skull, brain with a grain, two ventricles and a bright mass. */
export function phantomPixels(side: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * side * side);
  let grain = 1;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      // Park and Miller's minimal standard: the same grain on every device.
      grain = (grain * 48_271) % 2_147_483_647;
      const level = levelAt((2 * column) / side - 1, (2 * row) / side - 1) + 12 * (grain / 2_147_483_647);
      pixels.set([level, level, level, 255], 4 * (row * side + column));
    }
  }
  return pixels;
}

/** The grey level at a place; the picture reaches from -1 to 1 both ways. */
function levelAt(x: number, y: number): number {
  const radius = Math.hypot(x / 0.7, y / 0.86);
  if (radius > 1) {
    return 0;
  }
  if (radius > 0.92) {
    return 190;
  }
  if (radius > 0.87) {
    return 20;
  }
  if (Math.hypot((x - 0.3) / 0.16, (y + 0.3) / 0.18) < 1) {
    return 175;
  }
  if (Math.hypot((Math.abs(x) - 0.13) / 0.07, (y + 0.02) / 0.26) < 1) {
    return 45;
  }
  return 100 + 18 * Math.sin(9 * x) * Math.cos(7 * y);
}
