/** What is written about a case is kept while it is typed. */

import type { Case } from '../readings/case';
import type { Written } from '../readings/kept';
import { changeCase } from '../readings/store';
import { forgetSetting, readText, writeSetting } from '../shared/choices';
import { h } from '../shared/dom';
import { say, type Key } from '../shared/language';
import { change } from './state';
import { tell } from './status';
import { troublesOf } from './troubles';

const PAUSE = 500; // milliseconds without a key
const DRAFT = 'draft';

interface Draft extends Written {
  id: string;
}

let pending: { opened: Case; line: HTMLElement } | undefined;
let pause: ReturnType<typeof setTimeout> | undefined;

/**
 * Takes what was typed, and keeps it once the typing pauses.
 *
 * @param line Tells beside the field why it can't be kept: once, not with every key.
 */
export function write(opened: Case, written: Partial<Written>, line: HTMLElement): void {
  if (pending && pending.opened !== opened) {
    void keepWritten();
  }
  Object.assign(opened, written);
  pending = { opened, line };
  clearTimeout(pause);
  pause = setTimeout(() => void keepWritten(), PAUSE);
}

/** Keeps what was typed into a field that is left, and tells so where the line beside it says nothing else. */
export async function settle(kept: Key, line: HTMLElement): Promise<void> {
  await keepWritten();
  if (line.textContent === '') {
    tell(say(kept));
  }
}

/** Keeps what was typed now. */
export async function keepWritten(): Promise<void> {
  clearTimeout(pause);
  if (!pending) {
    return;
  }
  const { opened, line } = pending;
  const { patientCode, note } = opened;
  pending = undefined;
  try {
    await changeCase(opened.id, { patientCode, note });
    forgetSetting(DRAFT);
    line.replaceChildren();
  } catch (error) {
    const [trouble] = troublesOf(error);
    if (line.isConnected && line.textContent === '') {
      line.append(h('p', { role: 'alert' }, trouble()));
    } else if (!line.isConnected) {
      change({ troubles: [trouble] });
    }
  }
}

/** Keeps what was typed before the page is left, and what it could not keep in time when it was left before. */
export function keepOnLeaving(): void {
  const draft = readText(DRAFT);
  if (draft) {
    const { id, ...written } = JSON.parse(draft) as Draft;
    changeCase(id, written)
      // Of a case that was deleted there is nothing to keep.
      .catch(() => undefined)
      .finally(() => {
        forgetSetting(DRAFT);
      });
  }
  window.addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') {
      leave();
    }
  });
}

function leave(): void {
  if (pending) {
    const { id, patientCode, note } = pending.opened;
    // A page that ends has no time for its database.
    writeSetting(DRAFT, JSON.stringify({ id, patientCode, note } satisfies Draft));
    void keepWritten();
  }
}
