/** What happens when something is chosen. */

import { Case, caseOf, readCase, searchCase, supersede, unlessSuperseded } from '../readings/case';
import { slicesIn, type Chosen } from '../readings/chosen';
import { takeUnkept } from '../readings/clinic';
import type { CaseSlice, Slice } from '../readings/slice';
import type { KeptCase, WholeCase } from '../readings/kept';
import {
  allCases,
  allWhole,
  changeCase,
  deleteAllCases,
  deleteCase,
  openCase,
  UpgradeError,
} from '../readings/store';
import type { Reading } from '../readings/reading';
import { place, type Place } from '../shared/choices';
import { release } from '../shared/dom';
import { say, type Key } from '../shared/language';
import { cameraView } from '../views/camera';
import { showProgress } from '../views/case';
import { straightenView } from '../views/straighten';
import { bySuspicion } from '../views/strip';
import { amend, current, enter, type Entry } from './entries';
import { change, showOther, state, type State, type View } from './state';
import { focus, tell } from './status';

const PAUSE = 400; // milliseconds

/** Drops what is under way, for something newer. */
function begin(): AbortSignal {
  leave();
  state.troubles = [];
  if (state.opened && !state.opened.ended) {
    change({ opened: undefined, shown: undefined });
  }
  tell('');
  return supersede();
}

export async function read(slices: readonly CaseSlice[], where: Place = place()): Promise<void> {
  if (slices.length === 0) {
    return;
  }
  await readAll(show(new Case(slices, begin())), where);
}

/** Reads every slice that is found in what was chosen or dropped. */
export function readChosen(chosen: Chosen): void {
  void readFound(new Case([], begin()), chosen);
}

async function readFound(opened: Case, chosen: Chosen): Promise<void> {
  const searched = searchCase(opened, async (signal) => slicesIn(chosen, signal));
  show(opened);
  await searched;
  if (opened.token.aborted) {
    return;
  }
  if (opened.slices.length === 0) {
    // Cancelled before there was anything.
    history.back();
    return;
  }
  if (state.view === 'read') {
    change({});
  }
  await readAll(opened, place());
}

/** Puts a case that is about to be read in place of the view. */
function show(opened: Case): Case {
  change({ view: 'read', opened, shown: undefined });
  enter();
  focus('headline');
  return opened;
}

async function readAll(opened: Case, where: Place): Promise<void> {
  const { slices } = opened;
  const reading = readCase(opened, where, () => {
    tell(say('app.reading', { name: slices[opened.outcomes.length]!.name }), true);
    showProgress(opened);
  });
  const troubles: State['troubles'] = await reading.then(() => [], troublesOf);
  if (opened.token.aborted) {
    return;
  }
  troubles.push(...takeUnkept().map((sentence) => () => sentence));
  tell('');
  change({ view: 'read', shown: bySuspicion(opened)[0]?.reading, troubles });
  if (current().view === 'read') {
    amend();
  } else {
    enter();
  }
  focus(opened.study ? 'study' : state.shown || opened.failures.length === 0 ? 'headline' : 'trouble');
}

/** Reads no further; what was read is kept and shown. */
export function cancel(): void {
  state.opened?.cancel();
}

export function readElsewhere(slices: CaseSlice[]): void {
  void read(slices, 'clinic');
}

let amending: ReturnType<typeof setTimeout> | undefined;

/** Shows one of what was read together. */
export function select(reading: Reading): void {
  if (reading === state.shown) {
    return;
  }
  showOther(reading);
  // Browsers let nobody note an entry many times a second.
  clearTimeout(amending);
  amending = setTimeout(() => {
    if (state.shown === reading && state.view === 'read' && !state.taking) {
      amend();
    }
  }, PAUSE);
}

/** Shows a case of the history. */
export async function reopen({ id }: KeptCase): Promise<void> {
  const token = begin();
  if (await showKept(id, undefined, token)) {
    enter();
  }
}

/** Shows a case that is kept, and tells whether there is one. */
async function showKept(id: string, shown: string | undefined, token: AbortSignal): Promise<boolean> {
  const whole = await openCase(id).catch(failed);
  if (whole && whole.readings.length > 0 && !token.aborted) {
    const opened = caseOf(whole, token);
    const chosen = whole.readings.find((reading) => reading.id === shown) ?? bySuspicion(opened)[0]!.reading;
    change({ view: 'read', opened, shown: chosen });
    focus(opened.study ? 'study' : 'headline');
    return true;
  }
  return false;
}

/** Tells that the history can't be used. */
function failed(error: unknown): undefined {
  change({ troubles: troublesOf(error) });
}

function troublesOf(error: unknown): State['troubles'] {
  let key: Key = 'app.history.failed';
  if (error instanceof UpgradeError) {
    key = error.blocked ? 'app.history.blocked' : 'app.history.upgrade';
  }
  return [() => say(key)];
}

export function note(opened: Case, text: string): void {
  opened.note = text;
  changeCase(opened.id, { note: text }).then(() => {
    if (state.opened === opened) {
      tell(say('app.saved'));
    }
  }, failed);
}

/** Keeps the code by which the clinic knows a case. */
export function code(opened: Case, text: string): void {
  opened.patientCode = text;
  changeCase(opened.id, { patientCode: text }).then(() => {
    if (state.opened === opened) {
      tell(say('page.code.saved'));
    }
  }, failed);
}

// Photographs

/** Opens the camera. */
export function aim(): void {
  const signal = begin();
  take(
    cameraView(
      unlessSuperseded(signal, correct),
      unlessSuperseded(signal, () => {
        state.troubles = [() => say('app.camera.failed')];
        take(undefined);
      }),
      () => {
        history.back();
      },
    ),
  );
}

/** Lets the user straighten a photograph before it is read. */
export function correct(photo: Slice): void {
  const signal = begin();
  straightenView(
    photo,
    unlessSuperseded(signal, (slice: Slice) => void read([slice])),
  ).then(
    unlessSuperseded(signal, take),
    // What can't be shown is refused by its reader, in a sentence.
    unlessSuperseded(signal, () => void read([photo])),
  );
}

function leave(): void {
  if (state.taking) {
    state.taking.dispatchEvent(new Event('leave'));
    release(state.taking);
    state.taking = undefined;
  }
}

function take(element: HTMLElement | undefined): void {
  leave();
  change({ view: 'read', taking: element });
  if (element) {
    enter(true);
  }
  focus('headline');
}

// Sections

export async function open(view: View): Promise<void> {
  const same = view === state.view && !state.taking && (view !== 'read' || !state.opened);
  if (view === 'read') {
    begin();
    Object.assign(state, { opened: undefined, shown: undefined });
  }
  const opening = section(view);
  if (!same) {
    enter();
  }
  await opening;
}

async function section(view: View): Promise<void> {
  state.view = view;
  state.troubles = [];
  // A reading goes on behind the history and the settings; a photograph can't.
  if (state.taking) {
    begin();
  }
  if (view === 'history') {
    state.history = (await allCases().catch(failed)) ?? state.history;
  }
  if (state.view === view) {
    change({});
    focus(`view-${view}`);
  }
}

/** Shows what an entry of the browser's history shows; nothing of a case that isn't kept. */
export async function restore({ view, opened, shown }: Entry): Promise<void> {
  if (view !== 'read' || opened === state.opened?.id) {
    await section(view);
    return;
  }
  const token = begin();
  change({ view, opened: undefined, shown: undefined });
  if (opened) {
    await showKept(opened, shown, token);
  }
}

export async function remove({ id }: KeptCase): Promise<void> {
  await deleteCase(id);
  await showWhatIsLeft();
}

export async function all(): Promise<WholeCase[] | undefined> {
  return allWhole().catch(failed);
}

export async function removeAll(): Promise<void> {
  if (window.confirm(say('app.history.sure'))) {
    await deleteAllCases();
    await showWhatIsLeft();
  }
}

async function showWhatIsLeft(): Promise<void> {
  // Back would show what was deleted; now it shows what is kept.
  if (state.opened?.ended) {
    Object.assign(state, { opened: undefined, shown: undefined });
  }
  if (state.view === 'history') {
    await section('history');
  }
}
