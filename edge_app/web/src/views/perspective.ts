/** A photograph of a film or a monitor, seen askew, made upright; and what is wrong with it. */

import { sharpness } from '../model/quality';

export interface Point {
  x: number;
  y: number;
}

/** Top left, top right, bottom right, bottom left. */
export type Corners = readonly [Point, Point, Point, Point];

const LONGEST = 1024; // pixels; far more than the model sees
const PLANE = 128;
const SATURATED = 250;
const GLARE = 0.06; // of the slice; fat on T1 and ventricles on T2 stay below
const BLURRED = 70; // the limit of `quality.ts`

/** Cuts a quadrilateral out of a picture and makes it a rectangle, by the homography of its corners. */
export function straighten(picture: ImageData, corners: Corners): ImageData {
  const [width, height] = sizeOf(corners);
  const [a, b, c, d, e, f, g, k] = homography(corners);
  const out = new ImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = (x + 0.5) / width;
      const v = (y + 0.5) / height;
      const depth = g! * u + k! * v + 1;
      const place = 4 * (y * width + x);
      sample(
        picture,
        (a! * u + b! * v + c!) / depth - 0.5,
        (d! * u + e! * v + f!) / depth - 0.5,
        (i, level) => {
          out.data[place + i] = level;
        },
      );
      out.data[place + 3] = 255;
    }
  }
  return out;
}

/** What should make a person take the photograph again: `glare`, `blur`. */
export function faults({ data, width, height }: ImageData): ('glare' | 'blur')[] {
  let saturated = 0;
  const plane = new Uint8Array(PLANE * PLANE);
  for (let place = 0; place < data.length; place += 4) {
    saturated += Math.min(data[place]!, data[place + 1]!, data[place + 2]!) >= SATURATED ? 1 : 0;
  }
  for (let index = 0; index < plane.length; index++) {
    const x = Math.floor((((index % PLANE) + 0.5) / PLANE) * width);
    const y = Math.floor(((Math.floor(index / PLANE) + 0.5) / PLANE) * height);
    plane[index] = data[4 * (y * width + x) + 1]!;
  }
  const found = {
    glare: saturated / (width * height) > GLARE,
    blur: sharpness(plane, PLANE) < BLURRED,
  };
  return (['glare', 'blur'] as const).filter((fault) => found[fault]);
}

function sizeOf([topLeft, topRight, bottomRight, bottomLeft]: Corners): [number, number] {
  const length = (from: Point, to: Point): number => Math.hypot(to.x - from.x, to.y - from.y);
  const width = (length(topLeft, topRight) + length(bottomLeft, bottomRight)) / 2;
  const height = (length(topLeft, bottomLeft) + length(topRight, bottomRight)) / 2;
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** From the unit square to a quadrilateral (Heckbert 1989); eight numbers, row by row, the ninth is 1. */
export function homography([p0, p1, p2, p3]: Corners): number[] {
  const sumX = p0.x - p1.x + p2.x - p3.x;
  const sumY = p0.y - p1.y + p2.y - p3.y;
  const [dx1, dx2, dy1, dy2] = [p1.x - p2.x, p3.x - p2.x, p1.y - p2.y, p3.y - p2.y];
  const size = dx1 * dy2 - dx2 * dy1 || 1e-9;
  const g = (sumX * dy2 - dx2 * sumY) / size;
  const k = (dx1 * sumY - sumX * dy1) / size;
  return [
    p1.x - p0.x + g * p1.x,
    p3.x - p0.x + k * p3.x,
    p0.x,
    p1.y - p0.y + g * p1.y,
    p3.y - p0.y + k * p3.y,
    p0.y,
    g,
    k,
  ];
}

/** Bilinear, black beyond the picture. */
function sample(
  { data, width, height }: ImageData,
  x: number,
  y: number,
  give: (channel: number, level: number) => void,
): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const level = (i: number, j: number, channel: number): number =>
    i >= 0 && j >= 0 && i < width && j < height ? data[4 * (j * width + i) + channel]! : 0;
  for (let channel = 0; channel < 3; channel++) {
    const upper = level(left, top, channel) * (left + 1 - x) + level(left + 1, top, channel) * (x - left);
    const lower =
      level(left, top + 1, channel) * (left + 1 - x) + level(left + 1, top + 1, channel) * (x - left);
    give(channel, Math.round(upper * (top + 1 - y) + lower * (y - top)));
  }
}
