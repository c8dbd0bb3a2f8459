/** The third section: where pictures are read, and how the page looks. */

import { isSingle } from '../shared/files';
import { applyTheme, place, PLACES, theme, THEMES, writeSetting } from '../shared/choices';
import { h } from '../shared/dom';
import { say, type Key } from '../shared/language';
import { privacy } from './privacy';

/**
 * @param changed Called when something else was chosen.
 */
export function settingsView(changed: () => void): HTMLElement[] {
  return [
    h(
      'section',
      { class: 'card' },
      h('h1', {}, say('app.settings')),
      !isSingle() && choice('place', 'app.choice.where', PLACES, place(), changed),
      privacy(),
      choice('theme', 'app.choice.theme', THEMES, theme(), changed),
      !window.isSecureContext && h('p', { class: 'note' }, say('app.insecure')),
    ),
  ];
}

function choice(
  name: string,
  title: Key,
  choices: readonly string[],
  current: string,
  changed: () => void,
): HTMLElement {
  return h(
    'fieldset',
    {},
    h('legend', {}, say(title)),
    ...choices.map((value) =>
      h(
        'label',
        {},
        h('input', {
          type: 'radio',
          id: `${name}-${value}`,
          name,
          value,
          checked: value === current,
          change: () => {
            writeSetting(name, value);
            applyTheme();
            changed();
            document.getElementById(`${name}-${value}`)?.focus();
          },
        }),
        say(`app.choice.${value}` as Key),
      ),
    ),
  );
}
