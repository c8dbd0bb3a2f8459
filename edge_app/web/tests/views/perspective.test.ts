import { beforeAll, describe, expect, it } from 'vitest';

import { faults, homography, straighten, type Corners } from '../../src/views/perspective';

/** Node has none. */
class Pixels {
  readonly data: Uint8ClampedArray;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(4 * width * height);
  }
}

beforeAll(() => {
  Object.assign(globalThis, { ImageData: Pixels });
});

function picture(width: number, height: number, level: (x: number, y: number) => number): ImageData {
  const image = new ImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      image.data.set([level(x, y), level(x, y), level(x, y), 255], 4 * (y * width + x));
    }
  }
  return image;
}

function rectangle(left: number, top: number, right: number, bottom: number): Corners {
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
}

describe('straighten', () => {
  it('leaves an upright part as it is', () => {
    const image = picture(60, 50, (x, y) => x * 3 + y);
    const part = straighten(image, rectangle(10, 5, 40, 45));
    expect([part.width, part.height]).toEqual([30, 40]);
    expect(part.data[0]).toBe(image.data[4 * (5 * 60 + 10)]);
    expect(part.data[4 * (39 * 30 + 29)]).toBe(image.data[4 * (44 * 60 + 39)]);
  });

  it('takes every corner of a quadrilateral to a corner', () => {
    const corners: Corners = [
      { x: 12, y: 7 },
      { x: 90, y: 20 },
      { x: 80, y: 77 },
      { x: 3, y: 60 },
    ];
    const [a, b, c, d, e, f, g, k] = homography(corners) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const seen = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ].map(([u, v]) => {
      const depth = g * u! + k * v! + 1;
      return { x: (a * u! + b * v! + c) / depth, y: (d * u! + e * v! + f) / depth };
    });
    seen.forEach((point, index) => {
      expect(point.x).toBeCloseTo(corners[index]!.x);
      expect(point.y).toBeCloseTo(corners[index]!.y);
    });
  });

  it('is black beyond the picture, and never larger than it need be', () => {
    const part = straighten(
      picture(40, 40, () => 200),
      rectangle(-20, -20, 20, 20),
    );
    expect(part.data[0]).toBe(0);
    expect(part.data[4 * (39 * 40 + 39)]).toBe(200);
    const large = straighten(
      picture(4, 4, () => 1),
      rectangle(0, 0, 5000, 2500),
    );
    expect([large.width, large.height]).toEqual([1024, 512]);
  });

  it('survives corners that fall together', () => {
    const part = straighten(
      picture(8, 8, () => 9),
      rectangle(3, 3, 3, 3),
    );
    expect([part.width, part.height]).toEqual([1, 1]);
  });
});

describe('faults', () => {
  const stripes = (x: number): number => (Math.floor(x / 8) % 2) * 120;

  it('finds nothing wrong with a sharp picture', () => {
    expect(faults(picture(256, 256, stripes))).toEqual([]);
  });

  it('sees a reflection and a blur', () => {
    expect(faults(picture(256, 256, (x, y) => (x < 100 && y < 100 ? 255 : stripes(x))))).toEqual(['glare']);
    expect(faults(picture(256, 256, (x) => x / 2))).toEqual(['blur']);
  });
});
