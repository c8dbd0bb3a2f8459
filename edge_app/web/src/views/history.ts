/** The second section: the readings that this phone keeps. */

import { toCsv, toJsonLines } from '../readings/export';
import type { KeptCase, WholeCase } from '../readings/kept';
import { button, h } from '../shared/dom';
import { say } from '../shared/language';
import { certainty, date, shortHeadline } from './wording';

/** What can be done with what is kept. */
export interface HistoryActions {
  reopen: (kept: KeptCase) => Promise<void>;
  remove: (kept: KeptCase) => Promise<void>;
  removeAll: () => Promise<void>;
  /** All cases as they are kept; undefined where that failed, which was told. */
  all: () => Promise<WholeCase[] | undefined>;
}

export function historyView(history: readonly KeptCase[], actions: HistoryActions): HTMLElement[] {
  const title = h('h1', {}, say('app.history'));
  if (history.length === 0) {
    return [h('section', { class: 'card' }, title, h('p', {}, say('app.history.empty')))];
  }
  return [
    h(
      'section',
      { class: 'card' },
      title,
      h('ul', { class: 'history' }, ...history.map((kept) => row(kept, actions))),
      h('p', { class: 'note' }, say('app.history.kept')),
      h(
        'div',
        { class: 'actions' },
        button(say('app.history.export'), () => {
          void exportCsv(actions);
        }),
        button(
          say('app.history.export.json'),
          () => {
            void exportJson(actions);
          },
          'plain',
        ),
        button(say('app.history.clear'), () => void actions.removeAll(), 'plain'),
      ),
    ),
  ];
}

function row(kept: KeptCase, actions: HistoryActions): HTMLElement {
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        class: 'open',
        click: () => void actions.reopen(kept),
      },
      h('img', { src: kept.thumbnail ?? '', alt: '', width: 64, height: 64 }),
      h(
        'span',
        {},
        h('strong', {}, shortHeadline(kept.mostSuspicious)),
        h('small', {}, certainty(kept.mostSuspicious)),
        h('small', {}, [date(kept.time), ...kept.names].join(' · ')),
        kept.note && h('small', {}, kept.note),
      ),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'plain',
        'aria-label': `${say('app.history.delete')}: ${kept.names.join(', ')}`,
        click: () => void actions.remove(kept),
      },
      say('app.history.delete'),
    ),
  );
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

function download(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob);
  h('a', { href, download: name }).click();
  // Not at once: the download begins after this.
  setTimeout(() => {
    URL.revokeObjectURL(href);
  }, 60_000);
}
