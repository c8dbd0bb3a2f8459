/** What is chosen together is read together, and what is begun later takes its place. */

import type { Place } from '../shared/choices';
import { say, type Key } from '../shared/language';
import { ImageError } from '../model/errors';
import { isSingle } from '../shared/files';
import { RecordError } from '../model/records';
import { ClinicError, ClinicRefusal, readThere } from './clinic';
import { PhoneError, readHere } from './phone';
import type { Reading } from './reading';
import type { Slice } from './slice';
import { forget, keep } from './store';

/** A sentence that stays until the next picture; `again` is read elsewhere. */
export interface Trouble {
  text: () => string;
  again?: Slice;
}

export interface Batch {
  readings: Reading[];
  troubles: Trouble[];
}

let newest = new AbortController();

/**
 * Takes the place of what was begun before.
 *
 * @returns A signal that is aborted when something newer begins. Nothing may be shown or kept after that: one
 * patient's slice would be taken for another's.
 */
export function supersede(): AbortSignal {
  newest.abort();
  newest = new AbortController();
  return newest.signal;
}

/** Makes a function do nothing once something newer has begun. */
export function unlessSuperseded<Given extends unknown[]>(
  signal: AbortSignal,
  act: (...given: Given) => void,
): (...given: Given) => void {
  return (...given) => {
    if (!signal.aborted) {
      act(...given);
    }
  };
}

/**
 * Reads slices, one after the other, and keeps their readings.
 *
 * @param began Called with the name of each slice before it is read.
 * @returns Nothing where something newer has begun; no reading is kept then.
 */
export async function readAll(
  slices: readonly Slice[],
  where: Place,
  signal: AbortSignal,
  began: (name: string) => void,
): Promise<Batch | undefined> {
  const batch: Batch = { readings: [], troubles: [] };
  const readOne = where === 'phone' ? readHere : readThere;
  for (const slice of slices) {
    began(slice.name);
    try {
      batch.readings.push(await readOne(slice, signal));
    } catch (error) {
      if (!signal.aborted) {
        batch.troubles.push(trouble(error, slice));
      }
    }
    if (signal.aborted) {
      return undefined;
    }
  }
  if (!(await keepAll(batch.readings, signal))) {
    batch.troubles.push({ text: () => say('app.history.failed') });
  }
  return signal.aborted ? undefined : batch;
}

/** Keeps readings, and tells whether that went well. */
async function keepAll(readings: Reading[], signal: AbortSignal): Promise<boolean> {
  // The database takes turns: whoever looks into the history after this finds none of them.
  const undo = (): void => {
    void Promise.allSettled(readings.map(({ id }) => forget(id)));
  };
  signal.addEventListener('abort', undo);
  const kept = await Promise.allSettled(readings.map(keep));
  signal.removeEventListener('abort', undo);
  return kept.every(({ status }) => status === 'fulfilled');
}

function trouble(error: unknown, slice: Slice): Trouble {
  const { name } = slice;
  if (error instanceof ImageError) {
    if (error.code === 'dicom_compressed' && !isSingle()) {
      return { text: () => say('app.dicom.clinic', { name }), again: slice };
    }
    return { text: () => say(`error.${error.code}` as Key, { name, limit: error.limit ?? 0 }) };
  }
  if (error instanceof ClinicRefusal) {
    return { text: () => error.message };
  }
  if (error instanceof ClinicError) {
    return { text: () => say('app.clinic.failed') };
  }
  console.error(error instanceof PhoneError ? error.message : error);
  if (error instanceof RecordError) {
    return { text: () => say('app.bundle.broken') };
  }
  if (isSingle()) {
    return { text: () => say('app.phone.failed.single') };
  }
  return { text: () => say('app.phone.failed'), again: slice };
}
