/** What becomes of the pictures where they are read. */

import { keepsCases } from '../readings/clinic';
import { place } from '../shared/choices';
import { h } from '../shared/dom';
import { language, say } from '../shared/language';

// Asked once, not with every drawing of the page.
let keeping: Promise<boolean> | undefined;

export function privacy(): HTMLElement {
  const line = h('p', { class: 'note' }, say(`app.privacy.${place()}`));
  if (place() === 'clinic') {
    keeping ??= keepsCases();
    void keeping.then((keeps) => {
      if (keeps) {
        const cases = h('a', { href: `/cases?lang=${language()}` }, say('app.cases'));
        line.replaceChildren(say('app.privacy.clinic.kept'), ' ', cases);
      }
    });
  }
  return line;
}
