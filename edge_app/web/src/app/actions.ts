/** What happens when something is chosen. */

import { Case, caseOf, readCase, searchCase, supersede, unlessSuperseded } from '../readings/case';
import { slicesIn, type Chosen } from '../readings/chosen';
import { takeUnkept } from '../readings/clinic';
import type { Failure } from '../readings/failure';
import type { CaseSlice, Slice } from '../readings/slice';
import type { KeptCase } from '../readings/kept';
import { openCase } from '../readings/store';
import { phantomPixels, type Kind } from '../readings/phantom';
import type { Reading } from '../readings/reading';
import { place, type Place } from '../shared/choices';
import { release } from '../shared/dom';
import { say } from '../shared/language';
import { lookUpModel } from '../views/about';
import { cameraView, type CameraFault } from '../views/camera';
import { showProgress } from '../views/case';
import { exampleName } from '../views/example';
import { straightenView } from '../views/straighten';
import { bySuspicion } from '../views/strip';
import { frameName } from '../views/wording';
import { amend, current, enter, type Entry } from './entries';
import { lookUp } from './history';
import { stopMeasuring } from './measuring';
import { change, showOther, state, type State, type View } from './state';
import { focus, tell } from './status';
import { failed, troublesOf } from './troubles';
import { leaveWritten } from './written';

const PAUSE = 400; // milliseconds
const EXAMPLE_SIDE = 256; // pixels

/** Drops what is under way, for something newer. */
function begin(): AbortSignal {
  leave();
  void leaveWritten();
  stopMeasuring();
  state.troubles = [];
  if (state.opened && !state.opened.ended) {
    change({ opened: undefined, shown: undefined });
  }
  tell('');
  return supersede();
}

export async function read(slice: CaseSlice): Promise<void> {
  await readAll(show(new Case([slice], begin())), place());
}

/** Reads slices of a case again that were not read; it stays one case. */
export function readAgain(opened: Case, failures: readonly Failure[], where: Place): void {
  const again = opened.retry(failures, begin());
  change({ view: 'read', opened: again, shown: undefined });
  focus('headline');
  void readAll(again, where);
}

/** Reads a drawing, on this device: the log of the clinic's would take it for a patient's. */
export function tryOut(kind: Kind): void {
  const pixels = new ImageData(phantomPixels(EXAMPLE_SIDE, kind), EXAMPLE_SIDE);
  const opened = new Case([{ name: exampleName(kind), source: pixels }], begin());
  opened.drawn = true;
  void readAll(show(opened), 'phone');
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
  // What an earlier case was told is no longer of interest.
  takeUnkept();
  const reading = readCase(opened, where, () => {
    const { name, frame = null } = slices[opened.outcomes.length]!;
    tell(say('app.reading', { name: frameName(name, frame) }), true);
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

let amending: ReturnType<typeof setTimeout> | undefined;
let amended = -PAUSE;

/** Shows one of what was read together. */
export function select(reading: Reading): void {
  if (reading === state.shown) {
    return;
  }
  showOther(reading);
  // Browsers let nobody note an entry many times a second.
  clearTimeout(amending);
  const wait = Math.max(0, amended + PAUSE - performance.now());
  amending = setTimeout(() => {
    if (state.shown === reading && state.view === 'read' && !state.taking) {
      amended = performance.now();
      amend();
    }
  }, wait);
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

// Photographs

/** Opens the camera. */
export function aim(): void {
  const signal = begin();
  take(
    cameraView({
      taken: unlessSuperseded(signal, (photo: Slice) => {
        correct(photo, aim);
      }),
      failed: unlessSuperseded(signal, (fault: CameraFault) => {
        state.troubles = [() => say(`app.camera.${fault}`)];
        take(undefined);
      }),
      cancelled: back,
    }),
  );
}

/**
 * Lets the user straighten a photograph before it is read.
 *
 * @param again Takes another.
 */
export function correct(photo: Slice, again?: () => void): void {
  const signal = begin();
  straightenView(photo, {
    done: unlessSuperseded(signal, (slice: Slice) => void read(slice)),
    again,
    cancelled: back,
  }).then(
    unlessSuperseded(signal, take),
    // What can't be shown is refused by its reader, in a sentence.
    unlessSuperseded(signal, () => void read(photo)),
  );
}

function back(): void {
  history.back();
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
  stopMeasuring();
  if (view === 'about') {
    state.told = await lookUpModel();
  }
  if (view === 'history') {
    await lookUp();
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
