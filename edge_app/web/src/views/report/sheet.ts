/** The report on paper: one sheet, which only the printer sees. */

import type { Case } from '../../readings/case';
import { h } from '../../shared/dom';
import { say } from '../../shared/language';
import { reportOf, type Report } from './content';
import { heatCanvas } from './pictures';

let current: { opened: Case; sheet: HTMLElement } | undefined;

/** The sheet of a case; nothing where nothing was read. */
export function sheetOf(opened: Case): HTMLElement | false {
  const report = reportOf(opened);
  if (!report) {
    return false;
  }
  const sheet = h('article', { class: 'report', 'aria-hidden': 'true' }, ...parts(report, pictures(report)));
  current = { opened, sheet };
  return sheet;
}

/** Says on the sheet what was written meanwhile. */
export function renewSheet(opened: Case): void {
  const report = current?.opened === opened && reportOf(opened);
  const figures = current?.sheet.querySelector<HTMLElement>('.figures');
  if (report && figures) {
    current?.sheet.replaceChildren(...parts(report, figures));
  }
}

function parts(report: Report, figures: HTMLElement): HTMLElement[] {
  const { clinic, patientCode, date, headline, percent, texts, note, model } = report;
  return [
    h(
      'header',
      {},
      h('div', {}, h('strong', {}, 'Otak'), h('span', {}, say('report.title'))),
      h('strong', { class: 'clinic' }, clinic),
    ),
    h(
      'dl',
      {},
      h('div', {}, h('dt', {}, say('report.code')), h('dd', { class: !patientCode && 'blank' }, patientCode)),
      h('div', {}, h('dt', {}, say('app.details.date')), h('dd', {}, date)),
    ),
    h(
      'section',
      { class: 'said' },
      h('h1', {}, h('span', {}, headline), ' ', h('span', { class: 'percent' }, percent)),
      ...texts.map((text) => h('p', {}, text)),
    ),
    figures,
    ...table(report),
    h(
      'section',
      { class: 'written' },
      ...(note.length > 0
        ? [h('h2', {}, say('app.note')), ...note.map((line) => h('p', {}, line || '\u00a0'))]
        : []),
    ),
    h('p', { class: 'model' }, model),
    h(
      'div',
      { class: 'signatures' },
      h('span', {}, say('report.signature')),
      h('span', {}, say('report.signed')),
    ),
    h('footer', {}, say('disclaimer'), ' ', say('licence')),
  ];
}

function pictures({ picture, caption, heatmap }: Report): HTMLElement {
  const plain = h('figure', {}, image(picture), h('figcaption', {}, caption));
  if (!heatmap) {
    return h('div', { class: 'figures' }, plain);
  }
  const heat = heatCanvas(heatmap);
  const stage = h('div', {}, image(picture), heat);
  return h(
    'div',
    { class: 'figures' },
    plain,
    h('figure', {}, stage, h('figcaption', {}, say('page.heatmap'))),
  );
}

function image(picture: Blob): HTMLElement {
  const src = URL.createObjectURL(picture);
  const revoke = (): void => {
    URL.revokeObjectURL(src);
  };
  return h('img', { src, alt: '', load: revoke, error: revoke });
}

function table({ rows, more }: Report): HTMLElement[] {
  if (rows.length === 0) {
    return [];
  }
  return [
    h(
      'table',
      {},
      h('caption', {}, say('study.order')),
      h(
        'tbody',
        {},
        ...rows.map(({ number, answer, tumour }) =>
          h('tr', {}, h('td', {}, say('report.slice', { number })), h('td', {}, answer), h('td', {}, tumour)),
        ),
      ),
    ),
    ...(more > 0 ? [h('p', { class: 'more' }, say('study.more', { count: more }))] : []),
  ];
}
