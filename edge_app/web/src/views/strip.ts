/** The slices of a case to choose from: numbered, by suspicion or in their order. */

import { judgeStudy } from '../model/study';
import type { Case } from '../readings/case';
import type { Reading } from '../readings/reading';
import { h } from '../shared/dom';
import { say } from '../shared/language';
import { thumbnail } from './thumbnail';
import { shortHeadline, sliceName } from './wording';

const SORTS = ['suspicion', 'order'] as const;
type Sort = (typeof SORTS)[number];

/** How a case's strip was left. */
interface Left {
  sort: Sort;
  scroll: number;
}

const left = new WeakMap<Case, Left>();

/** A reading and its number among the slices of its case, from 1. */
export interface Numbered {
  reading: Reading;
  number: number;
}

/** The readings of a case in the order of its slices. */
export function numbered({ outcomes }: Case): Numbered[] {
  return outcomes.flatMap((outcome, place) =>
    'reading' in outcome ? [{ reading: outcome.reading, number: place + 1 }] : [],
  );
}

/** Whether a slice has no name but its number, as where names aren't kept. */
export function isUnnamed({ reading, number }: Numbered): boolean {
  return reading.name === String(number);
}

/** The readings of a case, the most suspicious first. */
export function bySuspicion(opened: Case): Numbered[] {
  const slices = numbered(opened);
  const { order } = judgeStudy(
    slices.map(({ reading }) => reading),
    null,
  );
  return order.map((place) => slices[place]!);
}

/**
 * @param select Called with the slice that was chosen.
 */
export function strip(opened: Case, shown: Reading, select: (reading: Reading) => void): HTMLElement {
  const state = left.get(opened) ?? { sort: 'suspicion', scroll: 0 };
  left.set(opened, state);
  let current = shown;
  const tiles = h('div', {
    class: 'strip',
    role: 'group',
    'aria-label': say('app.slices'),
    scroll: () => {
      state.scroll = tiles.scrollLeft;
    },
  });
  const choices = SORTS.map((sort) =>
    h(
      'button',
      {
        type: 'button',
        click: () => {
          change(sort);
        },
      },
      say(`page.sort.${sort}`),
    ),
  );
  function change(sort: Sort): void {
    current =
      slices.find(({ reading }) => tileOf(reading)?.getAttribute('aria-pressed') === 'true')?.reading ??
      current;
    Object.assign(state, { sort, scroll: 0 });
    fill();
    tiles.scrollLeft = 0;
  }
  const slices = numbered(opened);
  function fill(): void {
    choices.forEach((choice, place) => {
      choice.setAttribute('aria-pressed', String(SORTS[place] === state.sort));
    });
    const order = state.sort === 'suspicion' ? bySuspicion(opened) : slices;
    tiles.replaceChildren(...order.map((each) => tile(each, current, select)));
  }
  fill();
  // A list scrolls once it is on the page.
  requestAnimationFrame(() => {
    tiles.scrollLeft = state.scroll;
  });
  return h(
    'div',
    { class: 'slices no-print' },
    h('div', { class: 'sorts', role: 'group', 'aria-label': say('page.sort') }, ...choices),
    tiles,
  );
}

/** Marks the slice that is shown, where its strip is on the page; nothing is scrolled. */
export function markTile(shown: Reading): void {
  document.querySelectorAll('.strip button[aria-pressed="true"]').forEach((other) => {
    other.setAttribute('aria-pressed', 'false');
  });
  tileOf(shown)?.setAttribute('aria-pressed', 'true');
}

function tileOf({ id }: Reading): HTMLElement | null {
  return document.getElementById(`tile-${id}`);
}

function tile(
  { reading, number }: Numbered,
  shown: Reading,
  select: (reading: Reading) => void,
): HTMLElement {
  const name = sliceName(reading);
  return h(
    'button',
    {
      type: 'button',
      id: `tile-${reading.id}`,
      'aria-pressed': String(reading === shown),
      click: () => {
        select(reading);
      },
    },
    h('span', { class: 'number' }, String(number)),
    thumbnail(reading),
    h('span', {}, shortHeadline(reading)),
    !isUnnamed({ reading, number }) && h('span', { class: 'file', title: name }, name),
  );
}
