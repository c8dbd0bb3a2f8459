/** The second section: the readings that this phone keeps. */

import { toCsv, toJsonLines } from '../readings/export';
import type { Reading } from '../readings/reading';
import { button, h } from '../shared/dom';
import { say } from '../shared/language';
import { thumbnail } from './thumbnail';
import { date, shortHeadline } from './wording';

/** What can be done with what is kept. */
export interface HistoryActions {
  reopen: (reading: Reading) => void;
  remove: (reading: Reading) => Promise<void>;
  removeAll: () => Promise<void>;
}

export function historyView(history: readonly Reading[], actions: HistoryActions): HTMLElement[] {
  const title = h('h1', {}, say('app.history'));
  if (history.length === 0) {
    return [h('section', { class: 'card' }, title, h('p', {}, say('app.history.empty')))];
  }
  return [
    h(
      'section',
      { class: 'card' },
      title,
      h('ul', { class: 'history' }, ...history.map((reading) => row(reading, actions))),
      h('p', { class: 'note' }, say('app.history.kept')),
      h(
        'div',
        { class: 'actions' },
        button(say('app.history.export'), () => {
          exportCsv(history);
        }),
        button(
          say('app.history.export.json'),
          () => {
            exportJson(history);
          },
          'plain',
        ),
        button(say('app.history.clear'), () => void actions.removeAll(), 'plain'),
      ),
    ),
  ];
}

function row(reading: Reading, actions: HistoryActions): HTMLElement {
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        class: 'open',
        click: () => {
          actions.reopen(reading);
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
        click: () => void actions.remove(reading),
      },
      say('app.history.delete'),
    ),
  );
}

function exportCsv(history: readonly Reading[]): void {
  // Excel takes it for UTF-8 only with the mark at the beginning.
  download(new Blob(['\ufeff', toCsv(history)], { type: 'text/csv' }), 'otak.csv');
}

function exportJson(history: readonly Reading[]): void {
  download(new Blob([toJsonLines(history)], { type: 'application/x-ndjson' }), 'otak.jsonl');
}

function download(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob);
  h('a', { href, download: name }).click();
  // Not at once: the download begins after this.
  setTimeout(() => {
    URL.revokeObjectURL(href);
  }, 60_000);
}
