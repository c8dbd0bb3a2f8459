/** The ways that files come in without a button: dropped anywhere on the page, or pasted. */

import { dropped, picked } from '../readings/chosen';
import { h } from '../shared/dom';
import { say } from '../shared/language';
import { readChosen } from './actions';

const zone = h('p', { class: 'drop-zone', 'aria-hidden': 'true', hidden: true });

/** Opens the doors; while files are held over the page, it says what dropping them does. */
export function openDoors(): void {
  document.body.append(zone);
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    invite(holdsFiles(event));
  });
  document.addEventListener('dragleave', (event) => {
    // Out of the window, not from one element into another.
    if (event.relatedTarget === null) {
      invite(false);
    }
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    invite(false);
    const chosen = event.dataTransfer && dropped(event.dataTransfer);
    if (chosen) {
      readChosen(chosen);
    }
  });
  document.addEventListener('paste', (event) => {
    const files = event.clipboardData?.files ?? [];
    // What is copied from a document may bring a picture along with the text that is meant for a field.
    if (files.length > 0 && !(event.target instanceof Element && event.target.matches('input, textarea'))) {
      event.preventDefault();
      readChosen(picked([...files]));
    }
  });
}

function holdsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}

function invite(holding: boolean): void {
  zone.hidden = !holding;
  zone.textContent = say('app.drop.here');
}
