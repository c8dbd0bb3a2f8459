/** Drawn heads that look a little like slices of an MRI; they hold nothing of any patient. */

import { encode } from './slice';

export const KINDS = ['glioma', 'meningioma', 'pituitary', 'no_tumor', 'other'] as const;
/** What a drawing looks like: one of the model's answers, or nothing that it knows. */
export type Kind = (typeof KINDS)[number];

const SIDE = 512; // pixels

/** Places and sizes reach from -1 to 1 across the picture, levels from 0 to 1. */
interface Head {
  seed: number;
  wide: number;
  high: number;
  scalp: number;
  brain: number;
  grain: number;
  folds: number;
  ventricles: { level: number; size: number };
  lesion?: { x: number; y: number; radius: number; rim: number; core: number; ragged: number };
}

// By a search for drawings that the model of version 0.2 answers as it would the real thing.
const HEADS: Record<Exclude<Kind, 'other'>, Head> = {
  glioma: {
    ...{ seed: 229, wide: 0.67, high: 0.97, scalp: 0.71, brain: 0.29, grain: 0.02, folds: 0.05 },
    ventricles: { level: 0.19, size: 1.04 },
    lesion: { x: 0.32, y: -0.34, radius: 0.18, rim: 0.74, core: 0.08, ragged: 0.17 },
  },
  meningioma: {
    ...{ seed: 254, wide: 0.81, high: 0.83, scalp: 0.49, brain: 0.36, grain: 0.04, folds: 0.32 },
    ventricles: { level: 0.1, size: 0.97 },
    lesion: { x: -0.16, y: -0.51, radius: 0.25, rim: 0.82, core: 0.82, ragged: 0.03 },
  },
  pituitary: {
    ...{ seed: 547, wide: 0.73, high: 0.83, scalp: 0.41, brain: 0.29, grain: 0.03, folds: 0.29 },
    ventricles: { level: 0.15, size: 0.3 },
    lesion: { x: 0, y: 0.08, radius: 0.11, rim: 0.61, core: 0.61, ragged: 0.04 },
  },
  no_tumor: {
    ...{ seed: 227, wide: 0.55, high: 0.85, scalp: 1, brain: 0.47, grain: 0.06, folds: 0.08 },
    ventricles: { level: 0.16, size: 1.02 },
  },
};

/** Draws a head with a lesion as a JPEG, the same each time. */
export async function phantom(): Promise<Blob> {
  const drawn = new ImageData(phantomPixels(SIDE), SIDE);
  return encode(drawn, 'image/jpeg', (context) => {
    context.putImageData(drawn, 0, 0);
  });
}

/** A drawing's pixels, RGBA. */
export function phantomPixels(side: number, kind: Kind = 'glioma'): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [x, y] = [(2 * column + 1) / side - 1, (2 * row + 1) / side - 1];
      const level = 255 * (kind === 'other' ? houseAt(x, y) : headAt(x, y, HEADS[kind]));
      pixels.set([level, level, level, 255], 4 * (row * side + column));
    }
  }
  return pixels;
}

function headAt(x: number, y: number, head: Head): number {
  const radius = Math.hypot(x / head.wide, y / head.high);
  const skull = head.scalp * soft(Math.abs(radius - 0.965) - 0.03, 0.02);
  return brainAt(x, y, radius, head) * soft(radius - 0.86, 0.03) + skull + 0.03 * cell(999 * x, 999 * y, 5);
}

function brainAt(x: number, y: number, radius: number, head: Head): number {
  const { seed, ventricles, lesion } = head;
  const folds = (Math.abs(noise(6 * x, 6 * y, seed + 9)) - 0.4) * soft(0.5 - radius, 0.3);
  let level = head.brain + head.grain * noise(14 * x, 14 * y, seed) + head.folds * folds;
  level -= 0.15 * soft(Math.abs(x) - 0.012, 0.02);
  const across = (Math.abs(x) - 0.1 - 0.12 * y * y) / (0.07 * ventricles.size);
  const along = (y + 0.03) / (0.27 * ventricles.size);
  level += (ventricles.level - level) * soft(Math.hypot(across, along) - 1, 0.25);
  if (lesion) {
    const edge = lesion.ragged * noise(9 * x, 9 * y, seed + 3);
    const distance = Math.hypot(x - lesion.x, y - lesion.y) / lesion.radius + edge;
    level += (lesion.rim - level) * soft(distance - 1, 0.15);
    level += (lesion.core - level) * soft(distance - 0.6, 0.15);
  }
  return level;
}

/** A house before a bright sky. */
function houseAt(x: number, y: number): number {
  if (y > 0.55) {
    return 0.35 + 0.1 * noise(20 * x, 20 * y, 1);
  }
  if (Math.abs(x) < 0.12 && y > 0.15) {
    return 0.2;
  }
  if (Math.abs(x) < 0.5 && y > -0.1) {
    return 0.6;
  }
  return Math.abs(x) < 0.65 * (y + 0.7) && y < 0 ? 0.3 : 0.9 - 0.15 * y;
}

/** 1 within, 0 beyond, smooth over `edge`. */
function soft(distance: number, edge: number): number {
  return 1 / (1 + Math.exp((4 * distance) / edge));
}

/** Smooth noise from -1 to 1, between the corners of unit cells. */
function noise(x: number, y: number, seed: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - left, y - top].map((share) => share * share * (3 - 2 * share)) as [number, number];
  const at = (across: number, down: number): number => cell(left + across, top + down, seed);
  const upper = at(0, 0) + u * (at(1, 0) - at(0, 0));
  const lower = at(0, 1) + u * (at(1, 1) - at(0, 1));
  return 2 * (upper + v * (lower - upper)) - 1;
}

/** A number from 0 to 1 for a cell, the same on every device: an integer hash. */
function cell(x: number, y: number, seed: number): number {
  const mixed = (Math.round(x) * 374_761_393 + Math.round(y) * 668_265_263 + seed * 1_274_126_177) | 0;
  const hashed = Math.imul(mixed ^ (mixed >>> 13), 1_274_126_177);
  return ((hashed ^ (hashed >>> 16)) >>> 0) / 2 ** 32;
}
