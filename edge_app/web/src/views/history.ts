/** The second section: the readings that this phone keeps. */

import { remove, removeAll, reopen } from '../app/actions';
import { state } from '../app/state';
import { toCsv, toJsonLines } from '../readings/export';
import type { Reading } from '../readings/reading';
import { button, h } from '../shared/dom';
import { say } from '../shared/language';
import { thumbnail } from './thumbnail';
import { date, shortHeadline } from './wording';

export function historyView(): HTMLElement[] {
  const title = h('h1', {}, say('app.history'));
  if (state.history.length === 0) {
    return [h('section', { class: 'card' }, title, h('p', {}, say('app.history.empty')))];
  }
  return [
    h(
      'section',
      { class: 'card' },
      title,
      h('ul', { class: 'history' }, ...state.history.map(row)),
      h('p', { class: 'note' }, say('app.history.kept')),
      h(
        'div',
        { class: 'actions' },
        button(say('app.history.export'), exportCsv),
        button(say('app.history.export.json'), exportJson, 'plain'),
        button(say('app.history.clear'), () => void removeAll(), 'plain'),
      ),
    ),
  ];
}

function row(reading: Reading): HTMLElement {
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        class: 'open',
        click: () => {
          reopen(reading);
        },
      },
      thumbnail(reading),
      h(
        'span',
        {},
        h('strong', {}, shortHeadline(reading)),
        h('small', {}, `${date(reading.time)} · ${reading.name}`),
        reading.note && h('small', {}, reading.note),
      ),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'plain',
        'aria-label': `${say('app.history.delete')}: ${reading.name}`,
        click: () => void remove(reading),
      },
      say('app.history.delete'),
    ),
  );
}

function exportCsv(): void {
  // Excel takes it for UTF-8 only with the mark at the beginning.
  download(new Blob(['\ufeff', toCsv(state.history)], { type: 'text/csv' }), 'otak.csv');
}

function exportJson(): void {
  download(new Blob([toJsonLines(state.history)], { type: 'application/x-ndjson' }), 'otak.jsonl');
}

function download(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob);
  h('a', { href, download: name }).click();
  // Not at once: the download begins after this.
  setTimeout(() => {
    URL.revokeObjectURL(href);
  }, 60_000);
}
