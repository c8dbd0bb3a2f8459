/** The browser's history: one entry a view, so that Back and Reload lead to what was there. */

import { state, VIEWS, type View } from './state';

export interface Entry {
  view: View;
  /** The case that it shows, and which of its readings, by their ids. */
  opened: string | undefined;
  shown: string | undefined;
  /** Whether it is the camera, or a photograph that is being straightened. */
  taking: boolean;
}

/** What this entry shows; the first view where nothing is noted. */
export function current(): Entry {
  return entryOf(history.state);
}

function entryOf(noted: unknown): Entry {
  const { view, opened, shown, taking } = (noted ?? {}) as Partial<Record<keyof Entry, unknown>>;
  return {
    view: VIEWS.find((each) => each === view) ?? 'read',
    opened: typeof opened === 'string' ? opened : undefined,
    shown: typeof shown === 'string' ? shown : undefined,
    taking: taking === true,
  };
}

/** Notes what the page shows as an entry of its own, or in place of the camera that led there. */
export function enter(taking = false): void {
  if (current().taking) {
    amend(taking);
  } else {
    history.pushState(shownNow(taking), '');
  }
}

/** Notes that this entry shows something else. */
export function amend(taking = false): void {
  history.replaceState(shownNow(taking), '');
}

function shownNow(taking: boolean): Entry {
  const { view, opened, shown } = state;
  return { view, opened: opened?.id, shown: shown?.id, taking };
}

/** Names who shows the entry that Back or Forward lead to. */
export function onBack(show: (entry: Entry) => void): void {
  window.addEventListener('popstate', ({ state: noted }) => {
    show(entryOf(noted));
  });
}
