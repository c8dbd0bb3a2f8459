/** The line that tells what is going on, and where the focus goes. */

import { h } from '../shared/dom';

const FADE = 3000; // milliseconds

export const status = h('p', { role: 'status', class: 'status' });

let fading: ReturnType<typeof setTimeout> | undefined;

/** Tells what is going on; what needs no waiting for fades. */
export function tell(text: string, waiting = false): void {
  status.textContent = text;
  clearTimeout(fading);
  if (!waiting) {
    fading = setTimeout(() => {
      status.textContent = '';
    }, FADE);
  }
}

export function focus(id: string): void {
  document.getElementById(id)?.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}
