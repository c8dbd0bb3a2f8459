/**
 * Where a picture lies in its pane.
 *
 * Everything is in shares of the whole picture's size as it fits the pane, so that a pane that changes its size, or
 * another pane beside it, shows the same part.
 */

/** The picture enlarged about its middle, which lies at x and y from the pane's. */
export interface View {
  zoom: number;
  x: number;
  y: number;
}

export interface Point {
  x: number;
  y: number;
}

/** A pane's width and height, as multiples of the picture's as it fits in: at least 1, and one of them is 1. */
export interface Room {
  width: number;
  height: number;
}

export const WHOLE: View = { zoom: 1, x: 0, y: 0 };
export const MAX_ZOOM = 16;

const CLOSE = 3; // by how much a double tap enlarges

/** Enlarges by a factor; what lies at the point, from the pane's middle, stays there. */
export function zoomed(view: View, factor: number, at: Point, room: Room): View {
  const zoom = Math.min(MAX_ZOOM, Math.max(1, view.zoom * factor));
  const change = zoom / view.zoom;
  return within({ zoom, x: at.x - change * (at.x - view.x), y: at.y - change * (at.y - view.y) }, room);
}

/** Moves the picture. */
export function moved(view: View, by: Point, room: Room): View {
  return within({ ...view, x: view.x + by.x, y: view.y + by.y }, room);
}

/** The whole picture, or a closer look at a point where it is the whole that is shown. */
export function toggled(view: View, at: Point, room: Room): View {
  return view.zoom > 1 ? WHOLE : zoomed(view, CLOSE, at, room);
}

/** Keeps the picture over the pane where it is larger, and in its middle where it is not. */
function within({ zoom, x, y }: View, { width, height }: Room): View {
  const keep = (offset: number, room: number): number => {
    const most = Math.max(0, (zoom - room) / 2);
    return Math.min(most, Math.max(-most, offset)) || 0;
  };
  return { zoom, x: keep(x, width), y: keep(y, height) };
}
