/** A reading's picture, small, for lists. */

import type { Reading } from '../readings/reading';
import { h } from '../shared/dom';

export function thumbnail({ picture }: Reading): HTMLElement {
  const src = URL.createObjectURL(picture);
  const revoke = (): void => {
    URL.revokeObjectURL(src);
  };
  return h('img', { src, alt: '', width: 64, height: 64, load: revoke, error: revoke });
}
