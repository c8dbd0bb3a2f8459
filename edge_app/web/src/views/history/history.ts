/** The second section: the cases that this phone keeps. */

import { toCsv, toJsonLines } from '../../readings/export';
import type { KeptCase, WholeCase } from '../../readings/kept';
import { button, h } from '../../shared/dom';
import { download } from '../../shared/download';
import { say } from '../../shared/language';
import { dayName } from './days';
import { KINDS, matching, type Filter, type Kind } from './filter';
import { row, type RowActions } from './row';

const ROWS = 50; // drawn at a time

/** What can be done with what is kept. */
export interface HistoryActions extends RowActions {
  removeAll: () => Promise<void>;
  /** All cases as they are kept; undefined where that failed, which was told. */
  all: () => Promise<WholeCase[] | undefined>;
}

/**
 * @param history Newest first.
 * @param filter What is looked for; changed here.
 */
export function historyView(
  history: readonly KeptCase[],
  filter: Filter,
  actions: HistoryActions,
): HTMLElement[] {
  const title = h('h1', {}, say('app.history'));
  if (history.length === 0) {
    return [h('section', { class: 'card' }, title, h('p', {}, say('app.history.empty')))];
  }
  const list = h('div', {});
  const count = h('p', { class: 'note', role: 'status' });
  const draw = (): void => {
    const found = matching(history, filter);
    const numbers = { count: found.length, all: history.length };
    count.textContent = say(found.length === 0 ? 'app.history.none' : 'app.history.count', numbers);
    list.replaceChildren();
    extend(list, found, filter, actions);
  };
  draw();
  return [
    h(
      'section',
      { class: 'card' },
      title,
      h(
        'div',
        { class: 'actions' },
        button(say('app.history.export'), () => void exportCsv(actions), 'plain'),
        button(say('app.history.export.json'), () => void exportJson(actions), 'plain'),
      ),
      ...controls(filter, draw),
      count,
      list,
      h('p', { class: 'note' }, say('app.history.kept')),
      button(say('app.history.clear'), () => void actions.removeAll(), 'plain'),
    ),
  ];
}

function controls(filter: Filter, draw: () => void): HTMLElement[] {
  const look = (changes: Partial<Filter>): void => {
    Object.assign(filter, changes, { rows: ROWS });
    draw();
  };
  const search = h('input', {
    id: 'search',
    type: 'search',
    autocomplete: 'off',
    input: () => {
      look({ text: search.value });
    },
  });
  search.value = filter.text;
  const kinds = h(
    'select',
    {
      id: 'kind',
      change: () => {
        look({ kind: kinds.value as Kind });
      },
    },
    ...KINDS.map((kind) =>
      h('option', { value: kind, selected: kind === filter.kind }, say(`app.history.show.${kind}`)),
    ),
  );
  return [
    h(
      'div',
      { class: 'controls', role: 'search' },
      h('label', { for: 'search' }, say('app.history.search')),
      search,
      h('label', { for: 'kind' }, say('app.history.show')),
      kinds,
    ),
  ];
}

/** Draws as many rows as the filter says, each day in a list of its own, and more once their end comes near. */
function extend(list: HTMLElement, found: readonly KeptCase[], filter: Filter, actions: RowActions): void {
  const now = Date.now();
  const drawn = list.querySelectorAll('li').length;
  for (const kept of found.slice(drawn, Math.max(filter.rows, ROWS))) {
    // Its name is another in each language.
    const date = new Date(kept.time).toDateString();
    let day = list.lastElementChild;
    if (!(day instanceof HTMLElement) || day.dataset.day !== date) {
      const name = dayName(kept.time, now);
      day = h('section', { 'data-day': date }, h('h2', {}, name), h('ul', { class: 'history' }));
      list.append(day);
    }
    day.lastElementChild!.append(row(kept, actions));
  }
  const rows = [...list.querySelectorAll('li')];
  const last = rows.at(-1);
  if (last && rows.length < found.length) {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) {
          observer.disconnect();
          filter.rows = rows.length + ROWS;
          extend(list, found, filter, actions);
        }
      },
      { rootMargin: '800px' },
    );
    observer.observe(last);
  }
}

async function exportCsv({ all }: HistoryActions): Promise<void> {
  const cases = await all();
  if (cases) {
    // Excel takes it for UTF-8 only with the mark at the beginning.
    download(new Blob(['\ufeff', toCsv(cases)], { type: 'text/csv' }), 'otak.csv');
  }
}

async function exportJson({ all }: HistoryActions): Promise<void> {
  const cases = await all();
  if (cases) {
    download(new Blob([toJsonLines(cases)], { type: 'application/x-ndjson' }), 'otak.jsonl');
  }
}
