/** The head of the page: its languages and its sections. */

import { addressOf } from '../shared/files';
import { h } from '../shared/dom';
import { LANGUAGES, language, say, setLanguage, type Language } from '../shared/language';
import { open } from './actions';
import { state, VIEWS } from './state';

/** Made once: an address of a file that a single page brought lasts as long as the page. */
let logo: string | undefined;

export function header(): HTMLElement {
  logo ??= addressOf('/static/otak.svg');
  return h(
    'header',
    {},
    h('span', { class: 'brand' }, h('img', { src: logo, alt: '', width: 32, height: 32 }), 'Otak'),
    h('div', { class: 'switch', role: 'group', 'aria-label': say('page.language') }, ...languages()),
    h('nav', { class: 'tabs', 'aria-label': say('app.sections') }, ...tabs()),
  );
}

function languages(): HTMLElement[] {
  return Object.entries(LANGUAGES).map(([code, name]) =>
    h(
      'button',
      {
        type: 'button',
        id: `language-${code}`,
        lang: code,
        'aria-pressed': String(code === language()),
        click: () => {
          setLanguage(code as Language);
        },
      },
      name,
    ),
  );
}

/** Marks the chosen language in a head that stays. */
export function markLanguage(): void {
  for (const code of Object.keys(LANGUAGES)) {
    document.getElementById(`language-${code}`)?.setAttribute('aria-pressed', String(code === language()));
  }
}

function tabs(): HTMLElement[] {
  return VIEWS.map((view) =>
    h(
      'button',
      {
        type: 'button',
        id: `view-${view}`,
        'aria-current': view === state.view && 'page',
        click: () => void open(view),
      },
      say(`app.${view}`),
    ),
  );
}
