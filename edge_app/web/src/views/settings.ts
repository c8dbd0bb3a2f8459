/** The third section: where pictures are read, and how the page looks. */

import { isSingle } from '../shared/files';
import {
  applyTheme,
  clinic,
  names,
  NAMES,
  place,
  PLACES,
  theme,
  THEMES,
  writeSetting,
} from '../shared/choices';
import { h } from '../shared/dom';
import { say, type Key } from '../shared/language';

const MAX_NAME = 80; // characters

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
      h('p', { class: 'note' }, say(`app.privacy.${place()}`)),
      choice('theme', 'app.choice.theme', THEMES, theme(), changed),
      choice('names', 'app.choice.names', NAMES, names(), changed),
      h('p', { class: 'note' }, say('app.choice.names.hint')),
      ...clinicField(),
      !window.isSecureContext && h('p', { class: 'note' }, say('app.insecure')),
    ),
  ];
}

function clinicField(): HTMLElement[] {
  const field = h('input', {
    id: 'clinic',
    class: 'line',
    type: 'text',
    maxlength: MAX_NAME,
    autocomplete: 'organization',
    'aria-describedby': 'clinic-hint',
    input: () => {
      writeSetting('clinic', field.value);
    },
  });
  field.value = clinic();
  return [
    h('label', { for: 'clinic' }, say('app.clinic.name')),
    field,
    h('p', { id: 'clinic-hint', class: 'note' }, say('app.clinic.name.hint')),
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
