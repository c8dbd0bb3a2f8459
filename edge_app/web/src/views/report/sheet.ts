/** The report on paper: one sheet, made when it is printed. */

import type { Case } from '../../readings/case';
import { h } from '../../shared/dom';
import { say } from '../../shared/language';
import { reportOf, type Report } from './content';
import { heatCanvas } from './pictures';

/** The pictures of a report, loaded before the printer asks for them: it waits for nothing. */
interface Prepared {
  picture: Blob;
  images: [HTMLImageElement, HTMLImageElement];
  heat: HTMLCanvasElement | undefined;
}

let prepared: Prepared | undefined;

/** Gets a case ready to be printed; nothing where there is none. */
export function prepareSheet(opened: Case | undefined): void {
  const report = opened && reportOf(opened);
  if (report?.picture === prepared?.picture) {
    return;
  }
  if (prepared?.heat) {
    prepared.heat.width = 0;
  }
  prepared = report && {
    picture: report.picture,
    images: [image(report.picture), image(report.picture)],
    heat: report.heatmap ? heatCanvas(report.heatmap) : undefined,
  };
}

/** The sheet of a case that was got ready; nothing where nothing was read. */
export function sheetOf(opened: Case): HTMLElement | undefined {
  prepareSheet(opened);
  const report = reportOf(opened);
  return report && h('article', { class: 'report' }, ...parts(report));
}

function parts(report: Report): HTMLElement[] {
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
    pictures(report),
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

function pictures({ caption }: Report): HTMLElement {
  const { images = [], heat } = prepared ?? {};
  const plain = h('figure', {}, images[0], h('figcaption', {}, caption));
  if (!heat) {
    return h('div', { class: 'figures' }, plain);
  }
  return h(
    'div',
    { class: 'figures' },
    plain,
    h('figure', {}, h('div', {}, images[1], heat), h('figcaption', {}, say('page.heatmap'))),
  );
}

function image(picture: Blob): HTMLImageElement {
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
