/** Draws the page: head, notices, the section that is open, foot. */

import { button, h, release } from '../shared/dom';
import { language, say, sayAll } from '../shared/language';
import { aboutView } from '../views/about';
import { historyView } from '../views/history';
import { readView, showSlice } from '../views/read';
import { settingsView } from '../views/settings';
import { headline } from '../views/wording';
import * as actions from './actions';
import { header, markLanguage } from './header';
import { measure, stopMeasuring } from './measuring';
import { change, state } from './state';
import { resay } from './translate';

export const root = h('div', { id: 'app' });

export function draw(): void {
  name();
  root.querySelectorAll('.result').forEach(release);
  root.replaceChildren(...parts());
}

/** Says everything in the chosen language; nothing else of what is shown changes. */
export function translate(): void {
  name();
  const fresh = h('div', {}, ...parts());
  if (state.taking) {
    // Camera and photograph have one view for all languages, which is in the new parts now.
    const focused = document.activeElement?.id;
    root.replaceChildren(...fresh.childNodes);
    document.getElementById(focused ?? '')?.focus();
    return;
  }
  const looked = inSight();
  const before = looked?.getBoundingClientRect().top ?? 0;
  resay(root, fresh);
  sayAll(root);
  markLanguage();
  release(fresh);
  // Sentences above it are longer or shorter now.
  window.scrollBy(0, (looked?.getBoundingClientRect().top ?? 0) - before);
}

/** What has the focus, where it is in sight; else what is in the middle of it. */
function inSight(): Element | null {
  const focused = document.activeElement;
  const { top, bottom } = focused?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
  return focused !== document.body && bottom > 0 && top < window.innerHeight
    ? focused
    : document.elementFromPoint(window.innerWidth / 2, window.innerHeight / 2);
}

function name(): void {
  document.documentElement.lang = language();
  document.title = `${title()} · Otak`;
}

function parts(): HTMLElement[] {
  return [
    h('a', { class: 'skip', href: '#main', click: skip }, say('app.skip')),
    header(),
    h('main', { id: 'main', tabindex: -1 }, ...troubles(), update(), ...section()),
    h('footer', {}, say('disclaimer'), ' ', say('licence')),
  ];
}

/** Leads to the content without an entry of the browser's history, which would close the case that is open. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** Draws another slice of the case that is open. */
export function drawSlice(): void {
  const { opened, shown } = state;
  if (opened && shown) {
    document.title = `${title()} · Otak`;
    showSlice(opened, shown, actions);
  }
}

function section(): HTMLElement[] {
  switch (state.view) {
    case 'read':
      return readView(state, actions);
    case 'history':
      return historyView(state.history, actions);
    case 'settings':
      return settingsView(() => {
        change({});
      });
    case 'about':
      return aboutView(state, { measure, stop: stopMeasuring });
  }
}

function title(): string {
  const { view, shown, taking } = state;
  return view === 'read' && shown && !taking ? headline(shown) : say(`app.${view}`);
}

function troubles(): HTMLElement[] {
  return state.troubles.map((text) =>
    h('div', { class: 'card alert', role: 'alert' }, h('h2', {}, say('page.error')), h('p', {}, text())),
  );
}

function update(): HTMLElement | undefined {
  return (
    state.update &&
    h(
      'div',
      { class: 'card notice' },
      h('p', {}, say('app.update')),
      button(say('app.update.button'), state.update),
    )
  );
}
