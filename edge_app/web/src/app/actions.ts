/** What happens when something is chosen. */

import { Case, caseOf, readCase, supersede, unlessSuperseded } from '../readings/case';
import { fromFile, type Slice } from '../readings/slice';
import { allReadings, forget, forgetAll, keep } from '../readings/store';
import type { Reading } from '../readings/reading';
import { place, type Place } from '../shared/choices';
import { release } from '../shared/dom';
import { say } from '../shared/language';
import { cameraView } from '../views/camera';
import { showProgress } from '../views/case';
import { straightenView } from '../views/straighten';
import { change, state, type View } from './state';
import { focus, tell } from './status';

/** Drops what is under way, for something newer. */
function begin(): AbortSignal {
  leave();
  state.troubles = [];
  if (state.opened && !state.opened.ended) {
    Object.assign(state, { opened: undefined, shown: undefined });
  }
  tell('');
  return supersede();
}

export async function read(slices: readonly Slice[], where: Place = place()): Promise<void> {
  if (slices.length === 0) {
    return;
  }
  const opened = new Case(slices, begin());
  change({ view: 'read', opened, shown: undefined });
  focus('headline');
  const kept = await readCase(opened, where, () => {
    tell(say('app.reading', { name: slices[opened.outcomes.length]!.name }), true);
    showProgress(opened);
  });
  if (opened.token.aborted) {
    return;
  }
  tell('');
  state.troubles = kept ? [] : [() => say('app.history.failed')];
  change({ view: 'read', shown: opened.readings[0] });
  focus(state.shown || opened.failures.length === 0 ? 'headline' : 'trouble');
}

/** Reads no further; what was read is kept and shown. */
export function cancel(): void {
  state.opened?.cancel();
}

export function readElsewhere(slices: Slice[]): void {
  void read(slices, 'clinic');
}

export function readFiles(files: Iterable<File>): void {
  void read(Array.from(files, fromFile));
}

/** Shows one of what was read together. */
export function select(reading: Reading): void {
  change({ shown: reading });
  focus('headline');
}

/** Shows a reading of the history. */
export function reopen(reading: Reading): void {
  change({ view: 'read', opened: caseOf([reading], begin()), shown: reading });
  focus('headline');
}

export function note(reading: Reading, text: string): void {
  reading.note = text;
  keep(reading).then(
    () => {
      if (state.shown === reading) {
        tell(say('app.saved'));
      }
    },
    () => {
      change({ troubles: [...state.troubles, () => say('app.history.failed')] });
    },
  );
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
        take(undefined);
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
  focus('headline');
}

// Sections

export async function open(view: View): Promise<void> {
  state.view = view;
  state.troubles = [];
  // A reading goes on behind the history and the settings; a photograph can't.
  if (view === 'read' || state.taking) {
    begin();
  }
  if (view === 'read') {
    Object.assign(state, { opened: undefined, shown: undefined });
  }
  if (view === 'history') {
    try {
      state.history = await allReadings();
    } catch {
      state.troubles = [() => say('app.history.failed')];
    }
  }
  change({});
  focus(`view-${view}`);
}

export async function remove({ id }: Reading): Promise<void> {
  await forget(id);
  await open('history');
}

export async function removeAll(): Promise<void> {
  if (window.confirm(say('app.history.sure'))) {
    await forgetAll();
    await open('history');
  }
}
