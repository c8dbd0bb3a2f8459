/** The cases that this phone keeps, in IndexedDB. Everything rejects where storage is full or closed. */

import { keepsNames } from '../shared/choices';
import {
  summed,
  thumbnailOf,
  mostSuspicious,
  type CaseFacts,
  type KeptCase,
  type WholeCase,
  type Written,
} from './kept';
import { renewed, type StoredReading } from './older';
import type { Reading } from './reading';

/** The history of an older version could not be taken over; nothing of it is lost. */
export class UpgradeError extends Error {
  /**
   * @param blocked Whether a page of the older version is still open in another tab.
   */
  constructor(readonly blocked: boolean) {
    super(blocked ? 'an older page is open' : 'the upgrade was undone');
  }
}

const VERSION = 2;
const STORES = ['cases', 'readings', 'thumbnails'] as const;
type Stores = Record<(typeof STORES)[number], IDBObjectStore>;

let database: Promise<IDBDatabase> | undefined;

/** What files are called, by their readings' ids: known to this page alone, unless the user has names kept. */
const names = new Map<string, string>();

/**
 * Keeps a case with all its readings, or nothing of it, and asks that the browser never make room by dropping it.
 *
 * @param readings At least one, in the order of the slices.
 * @param token Nothing is begun once it is aborted.
 */
export async function keepCase(
  facts: CaseFacts,
  readings: readonly Reading[],
  token: AbortSignal,
): Promise<void> {
  const { picture } = mostSuspicious(readings);
  // A slice that can't be drawn is kept all the same.
  const drawn = await thumbnailOf(picture).catch(() => null);
  token.throwIfAborted();
  for (const { id, name } of readings) {
    names.set(id, name);
  }
  const named = keepsNames();
  await restoreCase({
    kept: summed(facts, readings, named ? readings.map(({ name }) => name) : []),
    readings: readings.map((reading) => (named ? reading : { ...reading, name: '' })),
    thumbnail: drawn,
  });
  // Over plain http a browser has no such promise to make.
  if (isSecureContext && !(await navigator.storage.persisted())) {
    await navigator.storage.persist();
  }
}

/** Changes what was written about a case. */
export async function changeCase(id: string, written: Written): Promise<void> {
  await run('readwrite', async ({ cases }) => {
    const kept = await answer(cases.get(id) as IDBRequest<KeptCase | undefined>);
    if (!kept) {
      throw new Error('deleted');
    }
    cases.put({ ...kept, ...written });
  });
}

/** What a list says of all cases, newest first. */
export async function allCases(): Promise<KeptCase[]> {
  const kept = await run('readonly', async ({ cases }) => answer(cases.getAll() as IDBRequest<KeptCase[]>));
  return kept.map(recalled).sort((first, second) => second.time - first.time);
}

/** A case with its readings; undefined where none is kept. */
export async function openCase(id: string): Promise<WholeCase | undefined> {
  const whole = await run('readonly', async (stores) => wholeCase(stores, id));
  return (
    whole && {
      ...whole,
      kept: recalled(whole.kept),
      readings: whole.readings.map((reading, place) => ({
        ...reading,
        name:
          reading.name || (names.get(reading.id) ?? String(whole.kept.extent?.numbers[place] ?? place + 1)),
      })),
    }
  );
}

/** The most suspicious slice of a case, small; undefined where none is kept. */
export async function thumbnail({ id }: KeptCase): Promise<string | undefined> {
  const kept = await run('readonly', async ({ thumbnails }) =>
    answer(thumbnails.get(id) as IDBRequest<string | null | undefined>),
  );
  if (kept) {
    return kept;
  }
  const whole = await openCase(id);
  return whole ? thumbnailOf(mostSuspicious(whole.readings).picture) : undefined;
}

/** All cases as they are kept, newest first. */
export async function allWhole(): Promise<WholeCase[]> {
  const ids = (await allCases()).map(({ id }) => id);
  return run('readonly', async (stores) => {
    const found = await Promise.all(ids.map(async (id) => wholeCase(stores, id)));
    return found.filter((whole) => whole !== undefined);
  });
}

/** Deletes a case, and returns it as `restoreCase` takes it; undefined where none is kept. */
export async function deleteCase(id: string): Promise<WholeCase | undefined> {
  return run('readwrite', async (stores) => {
    const whole = await wholeCase(stores, id);
    stores.cases.delete(id);
    stores.thumbnails.delete(id);
    whole?.kept.readings.forEach((reading) => stores.readings.delete(reading));
    return whole;
  });
}

/** Puts a case back as it was kept. */
export async function restoreCase({ kept, readings, thumbnail }: WholeCase): Promise<void> {
  await run('readwrite', (stores) => {
    stores.cases.put(kept);
    stores.thumbnails.put(thumbnail, kept.id);
    readings.forEach((reading) => stores.readings.put(reading));
  });
}

export async function deleteAllCases(): Promise<void> {
  await run('readwrite', (stores) => {
    Object.values(stores).forEach((store) => store.clear());
  });
}

/** A case with the names that this page knows. */
function recalled(kept: KeptCase): KeptCase {
  return kept.names.length > 0
    ? kept
    : { ...kept, names: kept.readings.map((id) => names.get(id)).filter((name) => name !== undefined) };
}

async function wholeCase(
  { cases, readings, thumbnails }: Stores,
  id: string,
): Promise<WholeCase | undefined> {
  const kept = await answer(cases.get(id) as IDBRequest<KeptCase | undefined>);
  if (!kept) {
    return undefined;
  }
  const found = await Promise.all(
    kept.readings.map(async (each) => answer(readings.get(each) as IDBRequest<StoredReading | undefined>)),
  );
  return {
    kept,
    readings: found.filter((reading) => reading !== undefined).map(renewed),
    thumbnail: (await answer(thumbnails.get(id) as IDBRequest<string | undefined>)) ?? null,
  };
}

/** Does all of an action or nothing; later ones wait for it. */
async function run<Result>(
  mode: IDBTransactionMode,
  action: (stores: Stores) => Promise<Result> | Result,
): Promise<Result> {
  database ??= open();
  try {
    const transaction = (await database).transaction(STORES, mode);
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => {
        resolve();
      };
      // A full disk aborts the transaction although the request succeeded.
      transaction.onabort = () => {
        reject(transaction.error ?? new Error('aborted'));
      };
    });
    const [result] = await Promise.all([perform(transaction, action), ended]);
    return result;
  } catch (error) {
    // While an older page blocks, another request would wait in line and never be told.
    if (!(error instanceof UpgradeError && error.blocked)) {
      database = undefined;
    }
    throw error;
  }
}

async function perform<Result>(
  transaction: IDBTransaction,
  action: (stores: Stores) => Promise<Result> | Result,
): Promise<Result> {
  try {
    const [cases, readings, thumbnails] = STORES.map((name) => transaction.objectStore(name));
    return await action({ cases: cases!, readings: readings!, thumbnails: thumbnails! });
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // It was aborted by what failed.
    }
    throw error;
  }
}

async function answer<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => {
      resolve(request.result);
    });
    request.addEventListener('error', () => {
      reject(request.error ?? new Error('closed'));
    });
  });
}

async function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('otak', VERSION);
    let upgrading = false;
    request.onupgradeneeded = ({ oldVersion }) => {
      upgrading = oldVersion > 0;
      request.result.createObjectStore('cases', { keyPath: 'id' });
      // Apart, since a list of a thousand cases shows but a few of them.
      request.result.createObjectStore('thumbnails');
      if (upgrading) {
        takeOver(request.transaction!);
      } else {
        request.result.createObjectStore('readings', { keyPath: 'id' });
      }
    };
    request.onblocked = () => {
      reject(new UpgradeError(true));
    };
    request.onsuccess = () => {
      const opened = request.result;
      // A newer version in another tab is not held up.
      opened.onversionchange = () => {
        opened.close();
        database = undefined;
      };
      resolve(opened);
      // The older page was closed.
      database = Promise.resolve(opened);
    };
    request.onerror = () => {
      database = undefined;
      reject(upgrading ? new UpgradeError(false) : (request.error ?? new Error('closed')));
    };
  });
}

/** Makes each reading of version 1, which knew no cases, a case of its own; the readings stay as they are. */
function takeOver(upgrade: IDBTransaction): void {
  const cases = upgrade.objectStore('cases');
  const cursor = upgrade.objectStore('readings').openCursor();
  cursor.onsuccess = () => {
    if (cursor.result) {
      const old = cursor.result.value as StoredReading & { note: string };
      const facts: CaseFacts = { id: old.id, patientCode: '', note: old.note, study: null };
      cases.put(summed(facts, [renewed(old)], [old.name]));
      cursor.result.continue();
    }
  };
}
