/** Hands a file to the user. */

import { h } from './dom';

export function download(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob);
  h('a', { href, download: name }).click();
  // Not at once: the download begins after this.
  setTimeout(() => {
    URL.revokeObjectURL(href);
  }, 60_000);
}
