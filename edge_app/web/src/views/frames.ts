/** Paging through the slices of a case: a slider with the verdicts along it, keys, wheel and swipe. */

import { NO_TUMOUR } from '../model/verdict';
import type { Case } from '../readings/case';
import type { Reading } from '../readings/reading';
import { h, svg } from '../shared/dom';
import { say } from '../shared/language';
import { isUnnamed, numbered, type Numbered } from './strip';
import { shortHeadline, sliceName } from './wording';

const SWIPE = 40; // pixels
const NOTCH = 40; // pixels of a wheel's turn that make a step
const HEIGHT = 24; // of the trace, in its own units
const LOWEST = 5; // of a mark that still can be seen

const KINDS = ['tumour', 'unsure', 'clear', 'refused'] as const;
type Kind = (typeof KINDS)[number];

/**
 * @param select Called with the slice that was reached.
 */
export function framesCard(opened: Case, shown: Reading, select: (reading: Reading) => void): HTMLElement {
  const slices = numbered(opened);
  const slider = h('input', {
    id: 'frame',
    type: 'range',
    min: 1,
    max: slices.length,
    'aria-label': say('page.frames'),
    input: () => {
      select(slices[slider.valueAsNumber - 1]!.reading);
    },
  });
  const card = h(
    'section',
    { class: 'frames no-print', 'aria-label': say('page.frames') },
    h('p', { id: 'place' }),
    stepper('before', -1, opened, select),
    h('div', { class: 'rail' }, trace(slices), slider),
    stepper('after', 1, opened, select),
  );
  card.style.setProperty('--count', String(slices.length));
  mark(card, opened, slices, shown);
  return card;
}

/** Moves the slider to the slice that is shown, where it is on the page. */
export function markFrame(opened: Case, shown: Reading): void {
  const card = document.querySelector<HTMLElement>('.frames');
  if (card) {
    mark(card, opened, numbered(opened), shown);
  }
}

function mark(card: HTMLElement, { count }: Case, slices: readonly Numbered[], shown: Reading): void {
  const place = slices.findIndex(({ reading }) => reading === shown);
  const slider = card.querySelector('input')!;
  const current = slices[place]!;
  const text = say('page.frames.place', { number: current.number, count });
  slider.value = String(place + 1);
  slider.setAttribute('aria-valuetext', `${text}: ${shortHeadline(shown)}`);
  card.querySelector('#place')!.textContent = isUnnamed(current) ? text : `${text} · ${sliceName(shown)}`;
  card.querySelectorAll('.step').forEach((button, side) => {
    button.toggleAttribute('disabled', place === (side === 0 ? 0 : slices.length - 1));
  });
  card.querySelector('.current')?.classList.remove('current');
  card.querySelectorAll('.mark')[place]!.classList.add('current');
}

function stepper(
  name: 'before' | 'after',
  step: number,
  opened: Case,
  select: (reading: Reading) => void,
): HTMLElement {
  return h(
    'button',
    {
      type: 'button',
      class: 'plain step',
      'aria-label': say(`page.frames.${name}`),
      click: () => {
        move(opened, step, select);
      },
    },
    step < 0 ? '‹' : '›',
  );
}

/** Goes on by some slices from the one that the slider is at. */
function move(opened: Case, step: number, select: (reading: Reading) => void): void {
  const reached = next(opened, step);
  if (reached) {
    select(reached);
  }
}

function next(opened: Case, step: number): Reading | undefined {
  const slider = document.querySelector<HTMLInputElement>('#frame');
  return slider ? numbered(opened)[slider.valueAsNumber - 1 + step]?.reading : undefined;
}

/** How probable a tumour is on each slice, by the mark's height; what is said of it, by its pattern. */
function trace(slices: readonly Numbered[]): SVGElement {
  return svg(
    'svg',
    {
      class: 'trace',
      viewBox: `0 0 ${slices.length} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    ...slices.map(({ reading }, place) => {
      const height = LOWEST + (HEIGHT - LOWEST) * tumourOf(reading);
      return svg(
        'g',
        { class: `mark ${kindOf(reading)}`, transform: `translate(${place} 0)` },
        svg('rect', { class: 'ground', width: 1, height: HEIGHT }),
        svg('rect', { x: 0.1, width: 0.8, y: HEIGHT - height, height }),
        ...stripes(kindOf(reading), height),
      );
    }),
  );
}

/** What is not certain is striped, and what was refused an empty frame. */
function stripes(kind: Kind, height: number): SVGElement[] {
  if (kind !== 'unsure') {
    return [];
  }
  return Array.from({ length: Math.ceil(height / 5) }, (_, index) =>
    svg('rect', { class: 'gap', x: 0.1, width: 0.8, y: HEIGHT - height + 5 * index + 3, height: 2 }),
  );
}

function tumourOf({ verdict, probabilities }: Reading): number {
  return verdict === 'refused' ? 0 : 1 - (probabilities[NO_TUMOUR] ?? 0);
}

function kindOf({ verdict, label }: Reading): Kind {
  if (verdict === 'answer') {
    return label === NO_TUMOUR ? 'clear' : 'tumour';
  }
  return verdict;
}

/** What the marks along the slider stand for. */
export function legend(opened: Case): HTMLElement {
  const found = new Set(numbered(opened).map(({ reading }) => kindOf(reading)));
  return h(
    'ul',
    { class: 'legend no-print' },
    ...KINDS.filter((kind) => found.has(kind)).map((kind) =>
      h(
        'li',
        {},
        svg(
          'svg',
          { class: 'trace', viewBox: `0 0 1 ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
          svg(
            'g',
            { class: `mark ${kind}` },
            svg('rect', { x: 0.1, width: 0.8, height: HEIGHT }),
            ...stripes(kind, HEIGHT),
          ),
        ),
        say(`page.frames.${kind}`),
      ),
    ),
  );
}

/**
 * Pages by arrow keys, by the wheel over the picture, which enlarges with Control alone, and by swipes on it, unless
 * a finger moves it or its window.
 */
export function pages(view: HTMLElement, opened: Case, select: (reading: Reading) => void): HTMLElement {
  const go = (step: number): void => {
    move(opened, step, select);
  };
  view.addEventListener('keydown', (event) => {
    // Up and down scroll the page.
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const modified = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey;
    if (step && !modified && !event.defaultPrevented && !isField(event.target)) {
      event.preventDefault();
      go(step);
    }
  });
  let turned = 0;
  view.addEventListener(
    'wheel',
    (event) => {
      if (!isPicture(event.target) || event.ctrlKey) {
        return;
      }
      event.stopPropagation();
      // Before the first and behind the last the page scrolls on.
      if (!next(opened, Math.sign(event.deltaY))) {
        turned = 0;
        return;
      }
      event.preventDefault();
      turned +=
        event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : NOTCH * Math.sign(event.deltaY);
      if (Math.abs(turned) >= NOTCH) {
        go(Math.sign(turned));
        turned = 0;
      }
    },
    // Before the picture takes it.
    { capture: true, passive: false },
  );
  let begun: PointerEvent | undefined;
  view.addEventListener('pointerdown', (event) => {
    const swipes = event.pointerType === 'touch' && isPicture(event.target) && !isMoved(event.target);
    // A second finger enlarges.
    begun = swipes && event.isPrimary ? event : undefined;
  });
  view.addEventListener('pointerup', (event) => {
    const [across, down] = [event.clientX - (begun?.clientX ?? NaN), event.clientY - (begun?.clientY ?? NaN)];
    if (Math.abs(across) >= SWIPE && Math.abs(across) > 2 * Math.abs(down)) {
      go(-Math.sign(across));
    }
    begun = undefined;
  });
  return view;
}

function isMoved(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.free') !== null;
}

function isPicture(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('figure, .frames') !== null && !isField(target);
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [role=slider]') !== null;
}
