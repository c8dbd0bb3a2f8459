/** The files of what was read since the page was loaded, to look at them more closely than what is kept allows. */

import { isFile, type Packed } from '../model/zip';
import { look, type Seen } from './phone';
import type { Reading } from './reading';
import type { CaseSlice } from './slice';

const files = new WeakMap<Reading, Blob | Packed>();

/** Remembers where a reading came from; the pixels of a photograph would fill the memory. */
export function remember(reading: Reading, { source }: CaseSlice): void {
  if (isFile(source)) {
    files.set(reading, source);
  }
}

/** A reading's picture as its file holds it; undefined where the file is gone or can't be opened here. */
export async function lookAt(reading: Reading): Promise<Seen | undefined> {
  const file = files.get(reading);
  return file && look(file, reading.frame ?? 0).catch(() => undefined);
}
