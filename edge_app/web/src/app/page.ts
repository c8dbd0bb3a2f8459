/** Draws the page: head, notices, the section that is open, foot. */

import type { Case } from '../readings/case';
import { button, h, release } from '../shared/dom';
import { language, say } from '../shared/language';
import { historyView } from '../views/history/history';
import { prepareSheet, sheetOf } from '../views/report/sheet';
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
  root.querySelectorAll('.result').forEach(release);
  prepareSheet(reported());
  root.replaceChildren(
    h('a', { class: 'skip', href: '#main' }, say('app.skip')),
    header(),
    h('main', { id: 'main', tabindex: -1 }, ...troubles(), update(), ...section()),
    h('footer', {}, say('disclaimer'), ' ', say('licence')),
  );
}

/** The case whose report is printed in place of the page. */
function reported(): Case | undefined {
  const { view, opened, taking } = state;
  return view === 'read' && !taking && opened?.ended ? opened : undefined;
}

/** Puts a case's report on the page for as long as the page is printed. */
export function printReports(): void {
  const printing = (on: boolean): void => {
    root.querySelector('.report')?.remove();
    const opened = on && reported();
    const sheet = opened && sheetOf(opened);
    root.classList.toggle('reported', Boolean(sheet));
    if (sheet) {
      root.append(sheet);
    }
  };
  // Some browsers tell the one way, some the other.
  window.addEventListener('beforeprint', () => {
    printing(true);
  });
  window.addEventListener('afterprint', () => {
    printing(false);
  });
  matchMedia('print').addEventListener('change', ({ matches }) => {
    printing(matches);
  });
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
