/** Draws the page: head, notices, the section that is open, foot. */

import { button, h, release } from '../shared/dom';
import { language, say } from '../shared/language';
import { historyView } from '../views/history';
import { readView, showSlice } from '../views/read';
import { settingsView } from '../views/settings';
import { headline } from '../views/wording';
import * as actions from './actions';
import { header } from './header';
import { change, state } from './state';

export const root = h('div', { id: 'app' });

export function draw(): void {
  document.documentElement.lang = language();
  document.title = `${title()} · Otak`;
  root.querySelectorAll('.result').forEach(release);
  root.replaceChildren(
    h('a', { class: 'skip', href: '#main' }, say('app.skip')),
    header(),
    h('main', { id: 'main', tabindex: -1 }, ...troubles(), update(), ...section()),
    h('footer', {}, say('disclaimer'), ' ', say('licence')),
  );
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
