/** What is written about a case is kept while it is typed. */

import type { Case } from '../readings/case';
import { ClinicRefusal } from '../readings/clinic';
import type { Written } from '../readings/kept';
import { tellCode } from '../readings/log';
import { changeCase } from '../readings/store';
import { forgetSetting, readText, writeSetting } from '../shared/choices';
import { button, h } from '../shared/dom';
import { say } from '../shared/language';
import { change } from './state';
import { tell } from './status';
import { troublesOf } from './troubles';

const PAUSE = 500; // milliseconds without a key
const DRAFT = 'draft';

interface Draft extends Written {
  id: string;
}

let pending: { opened: Case; line: HTMLElement } | undefined;
/** Whose code was typed and not yet told to the clinic's device. */
let untold: typeof pending;
let pause: ReturnType<typeof setTimeout> | undefined;

/**
 * Takes what was typed, and keeps it once the typing pauses.
 *
 * @param line Tells beside the field why it can't be kept: once, not with every key.
 */
export function write(opened: Case, written: Partial<Written>, line: HTMLElement): void {
  if (pending && pending.opened !== opened) {
    void leaveWritten();
  }
  Object.assign(opened, written);
  pending = { opened, line };
  if (written.patientCode !== undefined) {
    untold = pending;
  }
  clearTimeout(pause);
  pause = setTimeout(() => void keepWritten(), PAUSE);
}

/** Keeps what was typed into a field that is left, and tells so where the line beside it says nothing else. */
export async function settle(opened: Case, field: keyof Written, line: HTMLElement): Promise<void> {
  await keepWritten();
  if (field === 'patientCode') {
    untold = undefined;
    await send(opened, line);
  }
  if (line.textContent === '') {
    tell(say(field === 'note' ? 'app.saved' : 'page.code.saved'));
  }
}

/** Keeps what was typed about a case that is left, and tells the clinic's device. */
export async function leaveWritten(): Promise<void> {
  if (untold) {
    void send(untold.opened, untold.line);
    untold = undefined;
  }
  await keepWritten();
}

/** Tells the clinic's device the code, where it keeps the case; that it can't is told beside the field. */
async function send(opened: Case, line: HTMLElement): Promise<void> {
  let alert: HTMLElement | undefined;
  try {
    await tellCode(opened);
  } catch (error) {
    const reason =
      error instanceof ClinicRefusal
        ? h('p', {}, error.message)
        : h('p', { 'data-say': 'page.code.unsent' }, say('page.code.unsent'));
    const again = button(say('app.failed.again'), () => void send(opened, line), 'plain');
    again.dataset.say = 'app.failed.again';
    alert = h('div', { class: 'unsent', role: 'alert' }, reason, again);
  }
  line.querySelector('.unsent')?.remove();
  line.append(...(alert ? [alert] : []));
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
    line.querySelector('.unkept')?.remove();
  } catch (error) {
    const [trouble] = troublesOf(error);
    if (!line.isConnected) {
      change({ troubles: [trouble] });
    } else if (!line.querySelector('.unkept')) {
      line.append(h('p', { class: 'unkept', role: 'alert' }, trouble()));
    }
  }
}

/** Keeps what was typed before the page is left, and what it could not keep in time when it was left before. */
export function keepOnLeaving(): void {
  void keepDraft();
  window.addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') {
      leave();
    }
  });
}

async function keepDraft(): Promise<void> {
  const draft = readText(DRAFT);
  if (draft === '') {
    return;
  }
  try {
    const { id, ...written } = JSON.parse(draft) as Draft;
    await changeCase(id, written);
  } catch {
    // Of a case that was deleted there is nothing to keep.
  }
  forgetSetting(DRAFT);
}

function leave(): void {
  if (pending) {
    const { id, patientCode, note } = pending.opened;
    // A page that ends has no time for its database.
    writeSetting(DRAFT, JSON.stringify({ id, patientCode, note } satisfies Draft));
  }
  void leaveWritten();
}
