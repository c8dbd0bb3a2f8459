/** The twin of `edge_app/dicom/frames.py`: what is said of each frame, and which of them stands for all. */

import type { Elements } from './elements';
import { Tag } from './tags';

const ALIKE = 0.99; // the cosine between the normals of one stack's slices, at least
const STEPS = 1000; // a millimetre; what lies nearer than one is the same place

type Vector = readonly [number, number, number];

/** What a file says of its frames, by their functional groups where it is an enhanced one. */
export class Frames {
  readonly count: number;
  private readonly shared: Elements[];
  private readonly own: Elements[];

  constructor(private readonly file: Elements) {
    const count = file.text(Tag.FRAMES) ? file.first(Tag.FRAMES) : 1;
    if (count === null || count < 0 || !Number.isInteger(count)) {
      throw new RangeError('frames');
    }
    this.count = Math.max(1, count);
    this.shared = file.items(Tag.SHARED).slice(0, 1);
    this.own = file.items(Tag.PER_FRAME);
  }

  /** What is said of a frame in some respect, the nearest first and the file itself last. */
  about(frame: number, macro: Tag): Elements[] {
    return [...this.groups(frame).flatMap((group) => group.items(macro).slice(0, 1)), this.file];
  }

  /** The middle frame by position within the first stack, of the first echo; half way where there are none. */
  middle(): number {
    const half = Math.floor(this.count / 2);
    const places = this.own.slice(0, this.count).map((_, frame) => placeOf(this.groups(frame)));
    const [first] = places;
    if (!first || places.length !== this.count) {
      return half;
    }
    const stack = places
      .map((place, frame) => ({ place, frame }))
      .filter(({ place }) => isBeside(place, first));
    if (places.some((place) => place.position === null)) {
      return half;
    }
    const known = stack.map(({ place }) => place.position!);
    const positions = [...new Set(known)].sort((one, other) => one - other);
    const middle = positions[Math.floor(positions.length / 2)];
    const here = stack.filter(({ place }) => place.position === middle);
    return here.reduce((best, each) => (each.place.echo < best.place.echo ? each : best)).frame;
  }

  private groups(frame: number): Elements[] {
    return [...this.own.slice(frame, frame + 1), ...this.shared];
  }
}

interface Place {
  stack: string;
  normal: Vector | null;
  position: number | null;
  echo: number;
}

function isBeside(one: Place, other: Place): boolean {
  if (one.stack !== other.stack) {
    return false;
  }
  if (!one.normal || !other.normal) {
    return one.normal === other.normal;
  }
  return Math.abs(along(one.normal, other.normal)) > ALIKE;
}

function placeOf(groups: Elements[]): Place {
  const firsts = (macro: Tag): Elements[] => groups.flatMap((group) => group.items(macro).slice(0, 1));
  const [content] = firsts(Tag.FRAME_CONTENTS);
  const echoes = firsts(Tag.ECHOES).map((item) => item.double(Tag.ECHO_TIME));
  const orientation = numbers(firsts(Tag.PLANE_ORIENTATIONS), Tag.ORIENTATION, 6);
  const at = numbers(firsts(Tag.PLANE_POSITIONS), Tag.POSITION, 3);
  let normal: Vector | null = null;
  if (orientation) {
    const [a, b, c, d, e, f] = orientation as [number, number, number, number, number, number];
    normal = [b * f - c * e, c * d - a * f, a * e - b * d];
  }
  let position = content?.integer(Tag.IN_STACK) ?? null;
  if (position === null && normal && at) {
    const way = along(at as unknown as Vector, normal);
    position = Math.abs(way) < 1e9 ? Math.floor(way * STEPS + 0.5) : null;
  }
  return {
    stack: content?.text(Tag.STACK) ?? '',
    normal,
    position,
    echo: echoes.find((echo) => echo !== null) ?? 0,
  };
}

function numbers(items: Elements[], tag: Tag, count: number): number[] | undefined {
  return items
    .map((item) => item.numbers(tag).filter((number) => number !== null))
    .find((found) => found.length === count);
}

function along(one: Vector, other: Vector): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}
