/** Drawn photographs: a slice on a film or a screen, seen askew, in uneven light, with noise and reflections. */

import type { Point } from '../../src/views/perspective';
import { homography, type Corners } from '../../src/views/perspective';
import { Pixels } from '../model/pixels';

export interface Scene {
  /** In shares of the picture's sides. */
  corners: Corners;
  /** Levels of what surrounds the film, and of the film's own ground. */
  around: number;
  ground: number;
  /** How much darker the far end of the light is. */
  falloff?: number;
  noise?: number;
  /** Where a reflection shines, and its radius, in shares of the picture's width. */
  glare?: Point & { radius: number };
}

/** Pseudo-random numbers from 0 to 1, the same every time (Marsaglia's xorshift). */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** The level of a slice at a place of the unit square: a head, round on its ground. */
export function headAt(u: number, v: number, ground: number): number {
  const radius = Math.hypot((u - 0.5) / 0.36, (v - 0.5) / 0.44);
  if (radius > 1) {
    return ground;
  }
  return radius > 0.93 ? 190 : 110 + 30 * Math.sin(23 * u) * Math.cos(19 * v);
}

export function picture(width: number, height: number, level: (x: number, y: number) => number): ImageData {
  const image = new Pixels(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const grey = level(x, y);
      image.data.set([grey, grey, grey, 255], 4 * (y * width + x));
    }
  }
  return image as unknown as ImageData;
}

export function photograph(width: number, height: number, scene: Scene): ImageData {
  const { corners, around, ground, falloff = 0, noise = 0, glare } = scene;
  const [a, b, c, d, e, f, g, k] = homography(
    corners.map(({ x, y }) => ({ x: x * width, y: y * height })) as unknown as Corners,
  ) as [number, number, number, number, number, number, number, number];
  const random = numbers(7);
  return picture(width, height, (x, y) => {
    // Back through the homography, by its adjugate.
    const u = (e - f * k) * x + (c * k - b) * y + (b * f - c * e);
    const v = (f * g - d) * x + (a - c * g) * y + (c * d - a * f);
    const depth = (d * k - e * g) * x + (b * g - a * k) * y + (a * e - b * d);
    const [across, down] = [u / depth, v / depth];
    const within = across >= 0 && across <= 1 && down >= 0 && down <= 1;
    const light = 1 - (falloff * (x + y)) / (width + height);
    const shine = glare
      ? Math.hypot(x / width - glare.x, (y / height - glare.y) * (height / width)) / glare.radius
      : 2;
    const seen = (within ? headAt(across, down, ground) : around) * light;
    return (shine < 1 ? 255 * (1 - shine ** 4) + seen * shine ** 4 : seen) + noise * (random() - 0.5);
  });
}
