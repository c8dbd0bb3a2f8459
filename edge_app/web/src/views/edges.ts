/** Where a photograph's slice ends: the quadrilateral of a film, a sheet or a screen, if one is certain. */

import type { Corners, Point } from './perspective';

const SIDE = 200; // pixels, the longer side of what is looked at
const LEVELS = [0.12, 0.25, 0.4, 0.55, 0.7]; // between the darkest and the brightest of the picture
const OUTLIERS = 0.02; // of the pixels, at either end of the levels
const CONTRAST = 20; // levels, across every side
const LEAST = 0.1; // of the picture's area
const MOST = 0.95;
const STRAIGHT = 0.95; // of a quadrilateral's area, covered by the outline; of an ellipse, pi / 4
const SOLID = 0.85; // of the outline's area, covered by what lies in it
const LONGEST = 2.5; // sides of a film, seen askew
const NARROWEST = 0.77; // the cosine of an angle of 40 degrees

interface Plane {
  width: number;
  height: number;
  values: Float32Array;
}

/**
 * Proposes the corners of the one thing in a photograph that is darker or brighter than all that surrounds it.
 *
 * Each of several thresholds divides the picture. What is left when all that is connected with the picture's
 * rim is taken away has a convex outline, which must be close to four straight sides of clear contrast: the head
 * itself, round on black, has none.
 *
 * @returns In pixels; undefined where nothing is certain.
 */
export function proposeCorners(picture: ImageData): Corners | undefined {
  const plane = reduced(picture);
  const [darkest, brightest] = range(plane.values);
  let best: { corners: Point[]; contrast: number } | undefined;
  for (const share of LEVELS) {
    const threshold = darkest + share * (brightest - darkest);
    for (const bright of [false, true]) {
      const corners = quadrilateral(inside(plane, threshold, bright), plane);
      const contrast = corners ? contrastOf(plane, corners, bright) : 0;
      if (corners && contrast >= CONTRAST && contrast > (best?.contrast ?? 0)) {
        best = { corners, contrast };
      }
    }
  }
  const scale = picture.width / plane.width;
  return best && fromTopLeft(best.corners.map(({ x, y }) => ({ x: x * scale, y: y * scale })));
}

/** Grey, small enough for noise and lettering not to matter. */
function reduced({ data, width, height }: ImageData): Plane {
  const scale = Math.max(1, Math.max(width, height) / SIDE);
  const small = { width: Math.floor(width / scale), height: Math.floor(height / scale) };
  const values = new Float32Array(small.width * small.height);
  for (let y = 0, place = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++, place++) {
      const [left, top] = [Math.floor(x * scale), Math.floor(y * scale)];
      const [right, bottom] = [Math.floor((x + 1) * scale), Math.floor((y + 1) * scale)];
      let sum = 0;
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          const pixel = 4 * (row * width + column);
          sum += data[pixel]! + data[pixel + 1]! + data[pixel + 2]!;
        }
      }
      values[place] = sum / (3 * (right - left) * (bottom - top));
    }
  }
  return { ...small, values };
}

function range(values: Float32Array): [number, number] {
  const sorted = values.slice().sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  return [at(OUTLIERS), at(1 - OUTLIERS)];
}

/** The largest part that no way through pixels of the rim's kind leads into from outside; its pixels. */
function inside({ width, height, values }: Plane, threshold: number, bright: boolean): Point[] {
  // Once in a part, and beyond the rim, a pixel is closed.
  const closed = new Uint8Array(values.length);
  const flood = (starts: number[], enters: (place: number) => boolean): number[] => {
    const found: number[] = [];
    const enter = (place: number): void => {
      if (closed[place] === 0 && enters(place)) {
        closed[place] = 1;
        found.push(place);
      }
    };
    starts.forEach(enter);
    // Grows while it is walked through.
    for (const place of found) {
      const x = place % width;
      if (x > 0) {
        enter(place - 1);
      }
      if (x < width - 1) {
        enter(place + 1);
      }
      enter(place - width);
      enter(place + width);
    }
    return found;
  };
  flood(rimOf(width, height), (place) => values[place]! > threshold !== bright);
  let largest: number[] = [];
  for (let place = 0; place < values.length; place++) {
    if (closed[place] === 0) {
      const found = flood([place], () => true);
      largest = found.length > largest.length ? found : largest;
    }
  }
  return largest.map((place) => ({ x: place % width, y: Math.floor(place / width) }));
}

function rimOf(width: number, height: number): number[] {
  const rows = Array.from({ length: height }, (_, y) => [y * width, y * width + width - 1]);
  const columns = Array.from({ length: width }, (_, x) => [x, (height - 1) * width + x]);
  return [...rows, ...columns].flat();
}

/** The four sides that a part's outline is close to, if it is. */
function quadrilateral(part: Point[], { width, height }: Plane): Point[] | undefined {
  const outline = hull(endsOfRows(part));
  const covered = area(outline);
  const whole = width * height;
  if (covered < LEAST * whole || covered > MOST * whole || part.length < SOLID * covered) {
    return undefined;
  }
  const corners = fourSides(outline);
  const within = corners.every(({ x, y }) => x >= -2 && y >= -2 && x <= width + 2 && y <= height + 2);
  return within && covered >= STRAIGHT * area(corners) && isPlausible(corners) ? corners : undefined;
}

/** The corners of the first and the last pixel of every row, which alone can be corners of the hull. */
function endsOfRows(part: Point[]): Point[] {
  const rows = new Map<number, [number, number]>();
  for (const { x, y } of part) {
    const [first, last] = rows.get(y) ?? [x, x];
    rows.set(y, [Math.min(first, x), Math.max(last, x)]);
  }
  return Array.from(rows).flatMap(([y, [first, last]]) =>
    [y, y + 1].flatMap((edge) => [
      { x: first, y: edge },
      { x: last + 1, y: edge },
    ]),
  );
}

/** Andrew's monotone chain: the convex hull, clockwise on the screen. */
function hull(points: Point[]): Point[] {
  const sorted = points.sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (list: Point[]): Point[] => {
    const chain: Point[] = [];
    for (const point of list) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) {
        chain.pop();
      }
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.slice().reverse())];
}

/** Takes away the side that adds the least area when its neighbours are drawn longer, until four are left. */
function fourSides(outline: Point[]): Point[] {
  const corners = outline.slice();
  while (corners.length > 4) {
    const at = (index: number): Point => corners[(index + corners.length) % corners.length]!;
    let best = { index: -1, added: Infinity, point: corners[0]! };
    for (let index = 0; index < corners.length; index++) {
      const point = crossing(at(index - 1), at(index), at(index + 1), at(index + 2));
      const added = point ? area([at(index), point, at(index + 1)]) : Infinity;
      if (point && added < best.added) {
        best = { index, added, point };
      }
    }
    if (best.index < 0) {
      return outline;
    }
    corners[best.index] = best.point;
    corners.splice((best.index + 1) % corners.length, 1);
  }
  return corners;
}

/** Where the line through a and b meets that through d and c, beyond b and c. */
function crossing(a: Point, b: Point, c: Point, d: Point): Point | undefined {
  const size = (b.x - a.x) * (c.y - d.y) - (b.y - a.y) * (c.x - d.x);
  const along = ((c.x - a.x) * (c.y - d.y) - (c.y - a.y) * (c.x - d.x)) / size;
  return along >= 1 && Number.isFinite(along)
    ? { x: a.x + along * (b.x - a.x), y: a.y + along * (b.y - a.y) }
    : undefined;
}

/** Whether four corners may be those of a film that was photographed from in front. */
function isPlausible(corners: Point[]): boolean {
  const next = (index: number): Point => corners[(index + 1) % 4]!;
  const sides = corners.map((from, index) => ({ x: next(index).x - from.x, y: next(index).y - from.y }));
  const lengths = sides.map(({ x, y }) => Math.hypot(x, y));
  return (
    corners.length === 4 &&
    Math.max(...lengths) <= LONGEST * Math.min(...lengths) &&
    sides.every((side, index) => {
      const other = sides[(index + 1) % 4]!;
      const size = lengths[index]! * lengths[(index + 1) % 4]!;
      return Math.abs(side.x * other.x + side.y * other.y) <= NARROWEST * size;
    })
  );
}

/** By how many levels the inside differs from the outside across the least clear side. */
function contrastOf({ width, height, values }: Plane, corners: Point[], bright: boolean): number {
  const centre = { x: mean(corners.map(({ x }) => x)), y: mean(corners.map(({ y }) => y)) };
  const level = (x: number, y: number): number | undefined => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    return column >= 0 && row >= 0 && column < width && row < height
      ? values[row * width + column]
      : undefined;
  };
  const differences = corners.map((from, index) => {
    const to = corners[(index + 1) % 4]!;
    const found: number[] = [];
    for (let share = 0.1; share < 0.91; share += 0.05) {
      const x = from.x + share * (to.x - from.x);
      const y = from.y + share * (to.y - from.y);
      const length = Math.hypot(centre.x - x, centre.y - y);
      const [dx, dy] = [(3 * (centre.x - x)) / length, (3 * (centre.y - y)) / length];
      const [within, beyond] = [level(x + dx, y + dy), level(x - dx, y - dy)];
      if (within !== undefined && beyond !== undefined) {
        found.push(bright ? within - beyond : beyond - within);
      }
    }
    // A reflection over part of a side leaves its middle as it is.
    return found.sort((a, b) => a - b)[Math.floor(found.length / 2)] ?? 0;
  });
  return Math.min(...differences);
}

/** Top left first, then clockwise, as `perspective.ts` has them. */
function fromTopLeft(corners: Point[]): Corners {
  const first = corners.reduce(
    (best, { x, y }, index) => (x + y < corners[best]!.x + corners[best]!.y ? index : best),
    0,
  );
  return [0, 1, 2, 3].map((step) => corners[(first + step) % 4]!) as unknown as Corners;
}

function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

function area(corners: Point[]): number {
  const twice = corners.reduce((sum, { x, y }, index) => {
    const next = corners[(index + 1) % corners.length]!;
    return sum + x * next.y - y * next.x;
  }, 0);
  return Math.abs(twice) / 2;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
