/** How fast this device reads, on the screen about Otak. */

import { bundle } from '../model/bundle';
import { percentiles, READINGS, recordOf, type Measurement, type Times } from '../readings/measurement';
import { download } from '../shared/download';
import { button, h } from '../shared/dom';
import { say } from '../shared/language';
import { whole } from './wording';

const STEPS = ['decode', 'preprocess', 'infer', 'whole'] as const;

export interface MeasureActions {
  measure: () => Promise<void>;
  stop: () => void;
}

/**
 * @param busy Whether a case is being read, which would be slowed down and slow the measurement down.
 */
export function measureCard(
  measurement: Measurement | undefined,
  busy: boolean,
  actions: MeasureActions,
): HTMLElement {
  return h(
    'section',
    { class: 'card', id: 'measure' },
    h('h2', { id: 'measured', tabindex: -1 }, say('measure.title')),
    h('p', {}, say('measure.text', { count: READINGS })),
    ...(measurement && !measurement.ended
      ? running(measurement, actions)
      : [...outcome(measurement), begin(measurement, busy, actions)]),
  );
}

function running(measurement: Measurement, { stop }: MeasureActions): HTMLElement[] {
  return [
    h('p', { id: 'measuring', tabindex: -1, class: 'figures' }, progressText(measurement)),
    h('progress', {
      ...{ max: READINGS, value: measurement.times.length },
      'aria-label': say('measure.title'),
    }),
    h('div', { class: 'actions' }, button(say('page.case.cancel'), stop, 'plain')),
  ];
}

/** Shows how far it is, where its card is on the page. */
export function showMeasuring(measurement: Measurement): void {
  const card = document.getElementById('measure');
  const text = card?.querySelector('#measuring');
  const bar = card?.querySelector('progress');
  if (text && bar) {
    text.textContent = progressText(measurement);
    bar.value = measurement.times.length;
  }
}

function progressText({ times }: Measurement): string {
  return say('measure.progress', { done: times.length, count: READINGS });
}

function begin(
  measurement: Measurement | undefined,
  busy: boolean,
  { measure }: MeasureActions,
): HTMLElement {
  if (busy) {
    return h('p', { class: 'note' }, say('measure.wait'));
  }
  const again = measurement?.done === true;
  return h(
    'div',
    { class: 'actions' },
    again && button(say('measure.export'), () => void exportRecord(measurement)),
    button(say(again ? 'measure.again' : 'measure.button'), () => void measure(), again ? 'plain' : ''),
  );
}

function outcome(measurement: Measurement | undefined): HTMLElement[] {
  if (measurement?.failed) {
    return [h('p', { role: 'alert' }, say('measure.failed'))];
  }
  if (!measurement?.done) {
    return [];
  }
  return [
    h('dl', { class: 'figures' }, ...STEPS.flatMap((step) => row(step, measurement.times))),
    h('p', { class: 'note' }, say('measure.note')),
  ];
}

function row(step: (typeof STEPS)[number], times: readonly Times[]): HTMLElement[] {
  const { p50, p90 } = percentiles(times.map((each) => each[step]));
  return [
    h('dt', {}, say(`measure.${step}`)),
    h('dd', {}, say('measure.value', { p50: whole(p50), p90: whole(p90) })),
  ];
}

async function exportRecord({ times }: Measurement): Promise<void> {
  const record = await recordOf(times, await bundle());
  download(new Blob([JSON.stringify(record, null, 1), '\n'], { type: 'application/json' }), 'latency.json');
}
