/** The line that tells what is going on, how far the download is, and where the focus goes. */

import type { Progress } from '../model/downloads';
import { h } from '../shared/dom';
import { decimal, say } from '../shared/language';

const FADE = 3000; // milliseconds

const line = h('p');
const label = h('label', { for: 'download' });
const bar = h('progress', { id: 'download' });
// Read out on request alone: it changes many times a second.
const download = h('div', { class: 'download', 'aria-live': 'off', hidden: true }, label, bar);

export const status = h('div', { role: 'status', class: 'status' }, line, download);

let fading: ReturnType<typeof setTimeout> | undefined;

/** Tells what is going on; what needs no waiting for fades. */
export function tell(text: string, waiting = false): void {
  line.textContent = text;
  clearTimeout(fading);
  if (!waiting) {
    fading = setTimeout(() => {
      line.textContent = '';
    }, FADE);
  }
}

/** Shows how far the model and its runtime have come, until they are there. */
export function showDownload(progress: Progress | undefined): void {
  const { received, total } = progress ?? { received: 0, total: 0 };
  download.hidden = received >= total;
  bar.max = total;
  bar.value = received;
  // Nothing of it is left in the line that is read out.
  label.textContent = download.hidden
    ? ''
    : say('app.download', { received: decimal(received / 1e6), total: decimal(total / 1e6) });
}

export function focus(id: string): void {
  document.getElementById(id)?.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}
