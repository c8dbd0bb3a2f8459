/** What the page shows. */

import type { Trouble } from '../readings/batch';
import type { Reading } from '../readings/reading';

export const VIEWS = ['read', 'history', 'settings'] as const;
export type View = (typeof VIEWS)[number];

export interface State {
  view: View;
  /** What was read together, and the one of them that is shown. */
  readings: Reading[];
  shown: Reading | undefined;
  history: Reading[];
  troubles: Trouble[];
  /** Switches over to a newer version of the page. */
  update: (() => void) | undefined;
  /** The camera, or a photograph that is being straightened. */
  taking: HTMLElement | undefined;
}

export const state: State = {
  view: 'read',
  readings: [],
  shown: undefined,
  history: [],
  troubles: [],
  update: undefined,
  taking: undefined,
};

let draw: () => void = () => undefined;

/** Names who draws the page. */
export function onChange(drawer: () => void): void {
  draw = drawer;
}

/** Changes what the page shows, and draws it. */
export function change(changes: Partial<State>): void {
  Object.assign(state, changes);
  draw();
}
