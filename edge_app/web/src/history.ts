/** The readings that this phone keeps, in IndexedDB. Everything rejects where storage is full or closed. */

import type { Reading } from './reading';

const STORE = 'readings';

let database: Promise<IDBDatabase> | undefined;

/** All readings, newest first. */
export async function allReadings(): Promise<Reading[]> {
  const readings = (await run('readonly', (store) => store.getAll())) as Reading[];
  return readings.sort((a, b) => b.time - a.time);
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

/** The readings as a table for spreadsheets. */
export function toCsv(readings: Reading[]): string {
  const labels = [...new Set(readings.flatMap(({ probabilities }) => Object.keys(probabilities)))];
  const head = [
    'time',
    'name',
    'verdict',
    'label',
    ...labels,
    'reasons',
    'place',
    'model',
    'version',
    'sha256',
    'note',
  ];
  const rows = readings.map((reading) => [
    new Date(reading.time).toISOString(),
    reading.name,
    reading.verdict,
    reading.label ?? '',
    ...labels.map((label) => reading.probabilities[label]?.toFixed(4) ?? ''),
    reading.reasons.join(' '),
    reading.place,
    reading.model.name,
    reading.model.version,
    reading.model.sha256,
    reading.note,
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('');
}

function cell(text: string): string {
  // A spreadsheet would run what begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
