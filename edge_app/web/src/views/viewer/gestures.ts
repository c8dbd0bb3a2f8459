/** Fingers, mouse and wheel on a pane. */

import type { Point } from './geometry';

const TAP = 300; // milliseconds that a finger stays at most
const AGAIN = 350; // milliseconds until the second of a double tap
const STILL = 12; // points that a finger may slip in a tap
const LINE = 16; // points that a wheel counts as one line

export interface Gestures {
  /** One finger, or the mouse, has moved. */
  drag: (by: Point) => void;
  /** Two fingers, or a wheel, enlarge about a point of the screen and move. */
  zoom: (factor: number, at: Point, by: Point) => void;
  /** Tapped twice. */
  twice: (at: Point) => void;
  /** Whether the wheel is the page's, which scrolls by it. */
  passes: (event: WheelEvent) => boolean;
}

export function listen(area: HTMLElement, { drag, zoom, twice, passes }: Gestures): void {
  const fingers = new Map<number, Point>();
  let down = { at: { x: 0, y: 0 }, time: -Infinity, slipped: false };
  let tapped = { at: { x: 0, y: 0 }, time: -Infinity };

  area.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) {
      return;
    }
    fingers.set(event.pointerId, pointOf(event));
    down = { at: pointOf(event), time: event.timeStamp, slipped: fingers.size > 1 };
    area.setPointerCapture(event.pointerId);
  });

  area.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) {
      return;
    }
    const now = pointOf(event);
    down.slipped ||= distance(down.at, now) > STILL;
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const factor = distance(other, now) / Math.max(1, distance(other, before));
      zoom(factor, middle(other, now), minus(middle(other, now), middle(other, before)));
    } else {
      drag(minus(now, before));
    }
    fingers.set(event.pointerId, now);
  });

  area.addEventListener('pointerup', (event) => {
    const isTap = fingers.delete(event.pointerId) && fingers.size === 0 && !down.slipped;
    if (!isTap || event.timeStamp - down.time > TAP) {
      return;
    }
    const at = pointOf(event);
    if (event.timeStamp - tapped.time < AGAIN && distance(at, tapped.at) < 2 * STILL) {
      tapped.time = -Infinity;
      twice(at);
    } else {
      tapped = { at, time: event.timeStamp };
    }
  });

  // The browser scrolls the page by this finger.
  area.addEventListener('pointercancel', (event) => {
    fingers.delete(event.pointerId);
  });

  // A second finger never scrolls, wherever the first began.
  area.addEventListener(
    'touchstart',
    (event) => {
      if (event.touches.length > 1) {
        event.preventDefault();
      }
    },
    { passive: false },
  );

  area.addEventListener(
    'wheel',
    (event) => {
      if (passes(event)) {
        return;
      }
      event.preventDefault();
      const points = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1);
      // Two fingers on a touchpad come as a wheel with Control, in small steps.
      zoom(Math.exp(-points * (event.ctrlKey ? 0.01 : 0.002)), pointOf(event), { x: 0, y: 0 });
    },
    { passive: false },
  );
}

function pointOf({ clientX, clientY }: MouseEvent): Point {
  return { x: clientX, y: clientY };
}

function minus(one: Point, other: Point): Point {
  return { x: one.x - other.x, y: one.y - other.y };
}

function middle(one: Point, other: Point): Point {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
