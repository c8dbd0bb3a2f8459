/** Large files of the page, and how far they have come. */

import { load } from '../shared/files';

export interface Download {
  path: string;
  /** As it is used; on its way it may be packed. */
  bytes: number;
}

/** Bytes as they are sent. */
export interface Progress {
  received: number;
  total: number;
}

/**
 * Fetches files at the same time, each whole.
 *
 * @param tell Called whenever more has come, once it is known how much there is in all.
 * @throws Error Where one can't be fetched, or is smaller or larger than it should be.
 */
export async function fetchAll(
  files: readonly Download[],
  tell: (progress: Progress) => void,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts: Progress[] = [];
  const stop = new AbortController();
  const found = Promise.all(
    files.map(async (file) => {
      const response = await load(file.path, stop.signal);
      if (!response.ok || !response.body) {
        throw new Error(`${file.path}: status ${response.status}`);
      }
      const part = { received: 0, total: Number(response.headers.get('Content-Length')) || file.bytes };
      parts.push(part);
      return read(response.body, file, (share) => {
        part.received = share * part.total;
        if (parts.length === files.length) {
          tell({ received: sum(parts, 'received'), total: sum(parts, 'total') });
        }
      });
    }),
  );
  // The others are of no use then.
  found.catch(() => {
    stop.abort();
  });
  return found;
}

async function read(
  body: ReadableStream<Uint8Array>,
  { path, bytes }: Download,
  tell: (share: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(bytes);
  const reader = body.getReader();
  let place = 0;
  for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) {
    if (place + value.length > bytes) {
      await reader.cancel();
      throw new Error(`${path}: more than ${bytes} bytes`);
    }
    data.set(value, place);
    place += value.length;
    tell(place / bytes);
  }
  if (place < bytes) {
    throw new Error(`${path}: ${place} of ${bytes} bytes`);
  }
  return data;
}

function sum(parts: readonly Progress[], name: keyof Progress): number {
  return parts.reduce((total, part) => total + part[name], 0);
}
