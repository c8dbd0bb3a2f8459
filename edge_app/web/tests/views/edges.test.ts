import { describe, expect, it } from 'vitest';

import { proposeCorners } from '../../src/views/edges';
import type { Corners } from '../../src/views/perspective';
import { headAt, numbers, photograph, picture, type Scene } from './photographs';

const [WIDTH, HEIGHT] = [540, 720];
const CLOSE = 0.015; // of the picture's longer side

const ASKEW: Corners = [
  { x: 0.2, y: 0.16 },
  { x: 0.86, y: 0.22 },
  { x: 0.8, y: 0.78 },
  { x: 0.12, y: 0.7 },
];
const UPRIGHT: Corners = [
  { x: 0.1, y: 0.2 },
  { x: 0.9, y: 0.2 },
  { x: 0.9, y: 0.8 },
  { x: 0.1, y: 0.8 },
];
const TURNED: Corners = [
  { x: 0.5, y: 0.1 },
  { x: 0.93, y: 0.42 },
  { x: 0.52, y: 0.76 },
  { x: 0.08, y: 0.44 },
];
const FILM = { around: 235, ground: 25 };

const SCENES: Record<string, Scene> = {
  'a film on a light box': { corners: UPRIGHT, ...FILM },
  'a film seen askew': { corners: ASKEW, ...FILM },
  'a film laid on its corner': { corners: TURNED, ...FILM },
  'a film in uneven light, with noise': { corners: ASKEW, ...FILM, falloff: 0.45, noise: 50 },
  'a reflection in the film': { corners: ASKEW, ...FILM, glare: { x: 0.5, y: 0.5, radius: 0.12 } },
  'a reflection over a side': { corners: ASKEW, ...FILM, glare: { x: 0.16, y: 0.43, radius: 0.08 } },
  'a screen in a dark room': { corners: ASKEW, around: 6, ground: 70, noise: 10 },
  'a print on grey paper': { corners: UPRIGHT, around: 150, ground: 12, noise: 20 },
};

describe('proposeCorners', () => {
  it.each(Object.entries(SCENES))('finds %s', (_, scene) => {
    const found = proposeCorners(photograph(WIDTH, HEIGHT, scene));
    expect(found).toBeDefined();
    found!.forEach(({ x, y }, index) => {
      const { x: across, y: down } = scene.corners[index]!;
      const away = Math.hypot(x - across * WIDTH, y - down * HEIGHT);
      expect(away).toBeLessThan(CLOSE * HEIGHT);
    });
  });

  const random = numbers(3);
  const NOTHING: Record<string, ImageData> = {
    'a head on black': picture(WIDTH, HEIGHT, (x, y) => headAt(x / WIDTH, y / HEIGHT, 0)),
    'a head that fills the photograph': picture(HEIGHT, HEIGHT, (x, y) => headAt(x / HEIGHT, y / HEIGHT, 30)),
    'nothing at all': picture(WIDTH, HEIGHT, () => 128),
    'noise alone': picture(WIDTH, HEIGHT, () => 255 * random()),
    'light that falls off': picture(WIDTH, HEIGHT, (x, y) => (255 * (x + y)) / (WIDTH + HEIGHT)),
    'a slice so faint that its edge is a guess': photograph(WIDTH, HEIGHT, {
      corners: UPRIGHT,
      around: 40,
      ground: 25,
    }),
    'a film that reaches beyond the photograph': photograph(WIDTH, HEIGHT, {
      corners: [
        { x: -0.2, y: 0.2 },
        { x: 0.7, y: 0.2 },
        { x: 0.7, y: 0.8 },
        { x: -0.2, y: 0.8 },
      ],
      ...FILM,
    }),
    'a film of three corners, the fourth under a reflection': photograph(WIDTH, HEIGHT, {
      corners: ASKEW,
      ...FILM,
      glare: { x: 0.2, y: 0.16, radius: 0.3 },
    }),
    'a small square thing': photograph(WIDTH, HEIGHT, {
      corners: [
        { x: 0.4, y: 0.4 },
        { x: 0.6, y: 0.4 },
        { x: 0.6, y: 0.55 },
        { x: 0.4, y: 0.55 },
      ],
      ...FILM,
    }),
    'one pixel': picture(1, 1, () => 9),
  };

  it.each(Object.entries(NOTHING))('is not certain of %s', (_, image) => {
    expect(proposeCorners(image)).toBeUndefined();
  });
});
