/** What becomes of the pictures where they are read. */

import { keepsCases } from '../readings/clinic';
import { place } from '../shared/choices';
import { h } from '../shared/dom';
import { say } from '../shared/language';

// Asked once, not with every drawing of the page.
let keeping: Promise<boolean> | undefined;

export function privacy(): HTMLElement {
  const line = h('p', { class: 'note' }, say(`app.privacy.${place()}`));
  if (place() === 'clinic') {
    keeping ??= keepsCases();
    void keeping.then((keeps) => {
      if (keeps) {
        line.textContent = say('app.privacy.clinic.kept');
      }
    });
  }
  return line;
}
