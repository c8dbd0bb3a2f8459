/** What a command changes of how a case is looked at. */

import { moved, WHOLE, zoomed, type Point, type Room, type View } from './geometry';
import type { Command } from './keys';
import type { Setting } from './setting';

const STEP = 1.25; // of the zoom
const STRIDE = 0.1; // of the picture, by an arrow key
const MIDDLE = { x: 0, y: 0 };

/** Where an arrow key leads; nothing for other commands. */
export function strideOf(command: Command): Point | undefined {
  switch (command) {
    case 'left':
      return { x: -STRIDE, y: 0 };
    case 'right':
      return { x: STRIDE, y: 0 };
    case 'up':
      return { x: 0, y: -STRIDE };
    case 'down':
      return { x: 0, y: STRIDE };
    default:
      return undefined;
  }
}

/** What changes by a command; nothing where the key is the page's, which scrolls by it. */
export function changesBy(command: Command, setting: Setting, room: Room): Partial<Setting> | undefined {
  const { view, windowing, tool, more } = setting;
  const stride = strideOf(command);
  if (stride) {
    return view.zoom > 1 ? { view: towards(view, stride, room) } : undefined;
  }
  switch (command) {
    case 'closer':
      return { view: zoomed(view, STEP, MIDDLE, room) };
    case 'farther':
      return { view: zoomed(view, 1 / STEP, MIDDLE, room) };
    case 'whole':
      return { view: WHOLE };
    case 'invert':
      return { windowing: { ...windowing, inverted: !windowing.inverted } };
    case 'own':
    case 'full range':
    case 'robust':
      return { windowing: { ...windowing, window: command === 'full range' ? 'full' : command } };
    case 'tool':
      return { tool: tool === 'move' ? 'window' : 'move' };
    case 'more':
      return { more: !more };
    default:
      return undefined;
  }
}

/** The picture moves the other way than the eye. */
function towards(view: View, { x, y }: Point, room: Room): View {
  return moved(view, { x: -x, y: -y }, room);
}
