/** Draws the page: head, notices, the section that is open, foot. */

import { button, h, release } from '../shared/dom';
import { language, say } from '../shared/language';
import { historyView } from '../views/history/history';
import { sheetOf } from '../views/report/sheet';
import { readView, showSlice } from '../views/read';
import { settingsView } from '../views/settings';
import { headline } from '../views/wording';
import * as actions from './actions';
import { header } from './header';
import * as past from './history';
import { change, state } from './state';
import { settle, write } from './written';

const readActions = { ...actions, write, settle };

export const root = h('div', { id: 'app' });

export function draw(): void {
  document.documentElement.lang = language();
  document.title = `${title()} · Otak`;
  root.querySelectorAll('.result, .report').forEach(release);
  const sheet = reported();
  root.classList.toggle('reported', sheet !== false);
  root.replaceChildren(
    h('a', { class: 'skip', href: '#main' }, say('app.skip')),
    header(),
    h('main', { id: 'main', tabindex: -1 }, ...troubles(), update(), ...section()),
    h('footer', {}, say('disclaimer'), ' ', say('licence')),
    ...(sheet ? [sheet] : []),
  );
}

/** What is printed of the case that is shown. */
function reported(): HTMLElement | false {
  const { view, opened, taking } = state;
  return view === 'read' && !taking && opened?.ended === true && sheetOf(opened);
}

/** Draws another slice of the case that is open. */
export function drawSlice(): void {
  const { opened, shown } = state;
  if (opened && shown) {
    document.title = `${title()} · Otak`;
    showSlice(opened, shown);
  }
}

function section(): HTMLElement[] {
  switch (state.view) {
    case 'read':
      return readView(state, readActions);
    case 'history':
      return historyView(state.history, state.filter, { ...past, reopen: actions.reopen });
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
