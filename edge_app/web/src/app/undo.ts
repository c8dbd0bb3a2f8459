/** The bar that takes a deletion back, for a while. */

import { restoreCase } from '../readings/store';
import type { WholeCase } from '../readings/kept';
import { button, h } from '../shared/dom';
import { say } from '../shared/language';

const STAYS = 10_000; // milliseconds; longer where it is in use

// Announced, like the status, since it is there before its words are.
export const undoBar = h('div', {
  class: 'undo',
  'aria-live': 'polite',
  pointerenter: wait,
  focusin: wait,
  pointerleave: count,
  focusout: count,
});

let deleted: WholeCase[] = [];
let ending: ReturnType<typeof setTimeout> | undefined;

/**
 * Offers to take a deletion back, with those that were offered before and still are.
 *
 * @param restored Called with what was put back, or with why it could not be.
 */
export function offerUndo(whole: WholeCase, restored: (cases: WholeCase[], error?: unknown) => void): void {
  deleted.push(whole);
  undoBar.replaceChildren(
    h('span', {}, say('app.history.deleted', { count: deleted.length })),
    button(say('app.history.undo'), () => {
      const cases = deleted;
      endUndo();
      Promise.all(cases.map(restoreCase)).then(
        () => {
          restored(cases);
        },
        (error: unknown) => {
          restored(cases, error);
        },
      );
    }),
  );
  // What was pressed is gone; whoever goes by the keyboard goes on here.
  undoBar.querySelector('button')?.focus();
  count();
}

/** Takes the offer away. */
export function endUndo(): void {
  deleted = [];
  wait();
  undoBar.replaceChildren();
}

function wait(): void {
  clearTimeout(ending);
}

function count(): void {
  clearTimeout(ending);
  ending = setTimeout(() => {
    // Whoever is about to press it isn't hurried.
    if (undoBar.matches(':hover') || undoBar.querySelector(':focus-visible')) {
      count();
    } else {
      endUndo();
    }
  }, STAYS);
}
