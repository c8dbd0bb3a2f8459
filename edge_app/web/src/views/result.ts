/** One reading on the page and on paper. */

import type { Case } from '../readings/case';
import type { Reading } from '../readings/reading';
import { h, release, svg } from '../shared/dom';
import { say } from '../shared/language';
import { viewer } from './viewer/viewer';
import {
  advice,
  capital,
  certainty,
  date,
  guess,
  headline,
  labelName,
  limitations,
  origin,
  percent,
  reasons,
  whole,
} from './wording';

/**
 * @param opened The case that it is of.
 * @param beneath What stands right below the picture.
 */
export function resultView(reading: Reading, opened: Case, beneath?: HTMLElement): HTMLElement {
  return h('article', { class: 'result' }, ...above(reading, opened), beneath, ...below(reading, opened));
}

/** Shows another reading in place of the one that is shown; what stands below the picture stays. */
export function renewResult(view: HTMLElement, beneath: HTMLElement, reading: Reading, opened: Case): void {
  const focused = document.activeElement?.id;
  release(view);
  for (const part of Array.from(view.children)) {
    if (part !== beneath) {
      part.remove();
    }
  }
  beneath.before(...above(reading, opened));
  beneath.after(...below(reading, opened));
  if (focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

function above(reading: Reading, opened: Case): HTMLElement[] {
  // Of several slices the slider names the frame.
  const from = opened.readings.length > 1 ? [] : origin(reading);
  return [answerCard(reading, from), viewer(reading, opened)];
}

function below(reading: Reading, { readings, study }: Case): HTMLElement[] {
  const bars = reading.verdict === 'refused' ? [] : [barsCard(reading)];
  // What a study asks for, a slice of it doesn't take back.
  const next =
    readings.length > 1 && study ? [] : [h('h2', {}, say('page.next')), h('p', {}, advice(reading))];
  return [...adviceCard(reading, next), ...bars, detailsCard(reading)];
}

function answerCard(reading: Reading, from: readonly string[]): HTMLElement {
  const likely = certainty(reading);
  return h(
    'section',
    { class: `card answer ${reading.verdict}` },
    h(
      'p',
      { class: 'verdict' },
      say('page.result'),
      h('span', { class: 'badge' }, say(`app.where.${reading.place}`)),
    ),
    h(
      'div',
      { class: 'headline' },
      h('h1', { id: 'headline', tabindex: -1 }, headline(reading)),
      likely && h('p', { class: 'percent' }, likely),
    ),
    ...guess(reading).map((text) => h('p', { class: 'guess' }, text)),
    ...from.map((text) => h('p', {}, text)),
    ...limitations(reading).map((text) => h('p', { class: 'limitation' }, text)),
  );
}

/** Why an answer is none, and what to do next. */
function adviceCard(reading: Reading, next: readonly HTMLElement[]): HTMLElement[] {
  const why = reading.verdict === 'answer' ? [] : reasons(reading).map((reason) => h('p', {}, reason));
  const said = [...why, ...next];
  return said.length > 0 ? [h('section', { class: 'card advice' }, ...said)] : [];
}

function barsCard(reading: Reading): HTMLElement {
  const rows = Object.entries(reading.probabilities).map(([name, probability]) =>
    h(
      'li',
      { class: name === reading.label && 'chosen' },
      h('span', {}, capital(labelName(reading, name))),
      ' ',
      h('span', { class: 'percent' }, percent(probability)),
      svg(
        'svg',
        { 'aria-hidden': 'true' },
        svg('rect', { width: `${(100 * probability).toFixed(1)}%`, height: '100%' }),
      ),
    ),
  );
  const notes = reading.verdict === 'answer' ? reasons(reading) : [];
  return h(
    'section',
    { class: 'card percentages' },
    h('h2', {}, say('page.percentages')),
    h('ul', { class: 'bars' }, ...rows),
    ...notes.map((text) => h('p', { class: 'note' }, text)),
  );
}

function detailsCard(reading: Reading): HTMLElement {
  const { model, runtime, machine, thresholds, milliseconds } = reading;
  const steps = {
    ...milliseconds,
    total: milliseconds.decode + milliseconds.preprocess + milliseconds.infer,
  };
  const limits =
    thresholds === null
      ? say('app.details.thresholds.none')
      : say('app.details.thresholds.value', {
          unsure: percent(thresholds.unsure),
          no_tumour: percent(thresholds.no_tumour),
          refused: percent(thresholds.refused),
        });
  const rows: [string, string][] = [
    [say('page.details.file'), reading.name],
    [say('app.details.date'), date(reading.time)],
    [say('page.details.model'), `${model.name} ${model.version}, ${model.file}`],
    [say('page.details.hash'), `${model.sha256.slice(0, 12)}…`],
    [say('app.details.thresholds'), limits],
    [say('page.details.place'), say(`app.details.place.${reading.place}`, { runtime, machine })],
    [
      say('page.details.time'),
      say('page.details.time.value', {
        total: whole(steps.total),
        decode: whole(steps.decode),
        preprocess: whole(steps.preprocess),
        infer: whole(steps.infer),
      }),
    ],
  ];
  return h(
    'details',
    { class: 'card' },
    h('summary', {}, say('page.details')),
    h('dl', {}, ...rows.flatMap(([term, text]) => [h('dt', {}, term), h('dd', {}, text)])),
    reading.heatmap && h('p', { class: 'note' }, say('app.details.heatmap')),
  );
}
