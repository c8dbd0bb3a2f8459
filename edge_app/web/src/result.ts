/** One reading on the page and on paper. */

import { h, svg } from './dom';
import { say } from './language';
import {
  advice,
  date,
  headline,
  labelName,
  limitations,
  percent,
  reasons,
  whole,
  type Reading,
} from './reading';

const OPACITY = 60; // percent

/** What a page can do with a reading. */
export interface Actions {
  note: (text: string) => void;
}

/**
 * A blob's picture on a canvas.
 *
 * Browsers keep every image decoded that they ever showed, a megabyte each; a canvas can be released.
 */
function canvasOf(blob: Blob, attributes: Record<string, string>): HTMLCanvasElement {
  const canvas = h('canvas', attributes);
  createImageBitmap(blob)
    .then((bitmap) => {
      Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
      bitmap.close();
    })
    // A store that lost the picture leaves its description.
    .catch(() => undefined);
  return canvas;
}

/** Gives the memory of a view's canvases back at once; a collector that sees small elements takes its time. */
export function release(view: ParentNode): void {
  for (const canvas of view.querySelectorAll('canvas')) {
    canvas.width = 0;
  }
}

export function resultView(reading: Reading, actions: Actions): HTMLElement {
  return h(
    'article',
    { class: 'result' },
    answerCard(reading),
    pictureCard(reading),
    reading.verdict !== 'refused' && barsCard(reading),
    noteCard(reading, actions),
    detailsCard(reading),
  );
}

function answerCard(reading: Reading): HTMLElement {
  const why = reading.verdict === 'answer' ? [] : reasons(reading);
  return h(
    'section',
    { class: `card answer ${reading.verdict}` },
    h(
      'p',
      { class: 'verdict' },
      say(`verdict.name.${reading.verdict}`),
      h('span', { class: 'badge' }, say(`app.where.${reading.place}`)),
    ),
    h('h1', { id: 'headline', tabindex: -1 }, headline(reading)),
    ...limitations(reading).map((text) => h('p', { class: 'limitation' }, text)),
    ...why.map((reason) => h('p', {}, reason)),
    h('h2', {}, say('page.next')),
    h('p', {}, advice(reading)),
    h('p', { class: 'disclaimer' }, say('disclaimer')),
  );
}

function pictureCard(reading: Reading): HTMLElement {
  const picture = canvasOf(reading.picture, {
    role: 'img',
    'aria-label': say('page.slice', { name: reading.name }),
  });
  const heat = reading.verdict === 'refused' ? null : reading.heat;
  if (!heat) {
    return h('figure', { class: 'card' }, picture);
  }
  const overlay = canvasOf(heat, { 'aria-hidden': 'true', class: 'heat' });
  const strength = h('span', { class: 'percent', 'aria-hidden': 'true' });
  const slider = h('input', { id: 'opacity', type: 'range', min: 0, max: 100, value: OPACITY, input: show });
  function show(): void {
    overlay.style.opacity = String(slider.valueAsNumber / 100);
    strength.textContent = `${slider.value}%`;
    slider.setAttribute('aria-valuetext', `${slider.value}%`);
  }
  show();
  return h(
    'figure',
    { class: 'card' },
    h('div', { class: 'stage' }, picture, overlay),
    h(
      'figcaption',
      {},
      h('div', { class: 'opacity' }, h('label', { for: 'opacity' }, say('app.opacity')), slider, strength),
      say('page.heatmap'),
    ),
  );
}

function barsCard(reading: Reading): HTMLElement {
  const rows = Object.entries(reading.probabilities).map(([name, probability]) =>
    h(
      'li',
      { class: name === reading.label && 'chosen' },
      h('span', {}, labelName(reading, name)),
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
    { class: 'card' },
    h('h2', {}, say('page.percentages')),
    h('ul', { class: 'bars' }, ...rows),
    ...notes.map((text) => h('p', { class: 'note' }, text)),
  );
}

function noteCard(reading: Reading, actions: Actions): HTMLElement {
  const field = h('textarea', {
    id: 'note',
    rows: 2,
    'aria-describedby': 'note-hint',
    change: () => {
      actions.note(field.value);
    },
  });
  field.value = reading.note;
  return h(
    'section',
    { class: reading.note ? 'card' : 'card no-print' },
    h('label', { for: 'note' }, say('app.note')),
    field,
    h('p', { id: 'note-hint', class: 'note no-print' }, say('app.note.hint')),
    h(
      'div',
      { class: 'actions no-print' },
      h(
        'button',
        {
          class: 'plain',
          type: 'button',
          click: () => {
            window.print();
          },
        },
        say('app.print'),
      ),
    ),
  );
}

function detailsCard(reading: Reading): HTMLElement {
  const { model, runtime, machine, thresholds, milliseconds } = reading;
  const steps = {
    ...milliseconds,
    total: milliseconds.decode + milliseconds.preprocess + milliseconds.infer,
  };
  const limits =
    thresholds.unsure === null
      ? say('app.details.thresholds.none')
      : say('app.details.thresholds.value', {
          unsure: percent(thresholds.unsure),
          no_tumour: percent(thresholds.no_tumour ?? thresholds.unsure),
          refused: percent(thresholds.refused ?? 0),
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
    reading.heat && h('p', { class: 'note' }, say('app.details.heatmap')),
  );
}
