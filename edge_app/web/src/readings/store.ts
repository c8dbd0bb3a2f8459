/** The readings that this phone keeps, in IndexedDB. Everything rejects where storage is full or closed. */

import type { Thresholds } from '../model/bundle';
import type { Reading } from './reading';

/** As version 0.1 kept it: its heatmap was a picture, of which no map can be made. */
export interface OldReading extends Omit<Reading, 'heatmap' | 'in_distribution' | 'thresholds'> {
  heat: Blob | null;
  thresholds: Record<keyof Thresholds, number | null>;
}

const STORE = 'readings';

let database: Promise<IDBDatabase> | undefined;

/** All readings, newest first. */
export async function allReadings(): Promise<Reading[]> {
  const readings = (await run('readonly', (store) => store.getAll())) as (Reading | OldReading)[];
  return readings.map(renewed).sort((a, b) => b.time - a.time);
}

/** The readings of these ids that are still kept, in the order of the ids. */
export async function readingsOf(ids: readonly string[]): Promise<Reading[]> {
  const found = await Promise.all(ids.map((id) => run('readonly', (store) => store.get(id))));
  return (found as (Reading | OldReading | undefined)[]).filter((each) => each !== undefined).map(renewed);
}

/** Keeps a reading, or the change of one, and asks that the browser never make room by dropping it. */
export async function keep(reading: Reading): Promise<void> {
  await run('readwrite', (store) => store.put(reading));
  // Over plain http a browser has no such promise to make.
  if (isSecureContext && !(await navigator.storage.persisted())) {
    await navigator.storage.persist();
  }
}

export async function forget(id: string): Promise<void> {
  await run('readwrite', (store) => store.delete(id));
}

export async function forgetAll(): Promise<void> {
  await run('readwrite', (store) => store.clear());
}

/** A reading as this version shows it, whichever kept it. */
export function renewed(kept: Reading | OldReading): Reading {
  if (!('heat' in kept)) {
    return kept;
  }
  const { heat, thresholds, ...rest } = kept;
  const { unsure, no_tumour, refused } = thresholds;
  return {
    ...rest,
    heatmap: null,
    in_distribution: null,
    thresholds: unsure === null ? null : { unsure, no_tumour: no_tumour ?? unsure, refused: refused ?? 0 },
  };
}

async function run(
  mode: IDBTransactionMode,
  action: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  database ??= open();
  try {
    const transaction = (await database).transaction(STORE, mode);
    const request = action(transaction.objectStore(STORE));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => {
        resolve();
      };
      // A full disk aborts the transaction although the request succeeded.
      transaction.onabort = () => {
        reject(transaction.error ?? new Error('aborted'));
      };
    });
    return request.result;
  } catch (error) {
    database = undefined;
    throw error;
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('otak', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: 'id' });
    };
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('closed'));
    };
  });
}
