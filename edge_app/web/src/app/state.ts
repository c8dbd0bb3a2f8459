/** What the page shows. */

import type { Case } from '../readings/case';
import type { KeptCase } from '../readings/kept';
import type { Reading } from '../readings/reading';
import type { Filter } from '../views/history/filter';

export const VIEWS = ['read', 'history', 'settings'] as const;
export type View = (typeof VIEWS)[number];

export interface State {
  view: View;
  /** What is read together, and the one of its readings that is shown. */
  opened: Case | undefined;
  shown: Reading | undefined;
  history: KeptCase[];
  filter: Filter;
  /** Sentences that stay until something else is begun. */
  troubles: (() => string)[];
  /** Switches over to a newer version of the page. */
  update: (() => void) | undefined;
  /** The camera, or a photograph that is being straightened. */
  taking: HTMLElement | undefined;
}

export const state: State = {
  view: 'read',
  opened: undefined,
  shown: undefined,
  history: [],
  filter: { text: '', kind: 'all', rows: 0 },
  troubles: [],
  update: undefined,
  taking: undefined,
};

let draw: () => void = () => undefined;
let drawSlice: () => void = () => undefined;

/**
 * Names who draws the page.
 *
 * @param sliceDrawer Draws another slice of the same case, and nothing else.
 */
export function onChange(drawer: () => void, sliceDrawer: () => void): void {
  draw = drawer;
  drawSlice = sliceDrawer;
}

/** Changes what the page shows, and draws it. */
export function change(changes: Partial<State>): void {
  Object.assign(state, changes);
  draw();
}

/** Shows another slice of the case that is open. */
export function showOther(shown: Reading): void {
  state.shown = shown;
  drawSlice();
}
