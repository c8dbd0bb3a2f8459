/** The twin of `edge_app/sources.py`: from files to single slices, the files of ZIP files and frames. */

import { ImageError } from './errors';
import { countFrames } from './image';
import { MAX_MEGABYTES } from './limits';
import { beginsLikeZip, bytesOf, locate, readEntries, unpack, type Entry, type Packed } from './zip';

export const MAX_SLICES = 2_000; // that an examination may have, and files too
const MAX_UNPACKED = 1_000; // megabytes of a ZIP file
// What lies beside pictures: indices and thumbnails of other programs, and folders of macOS.
const SKIPPED = ['dicomdir', 'thumbs.db', 'desktop.ini', '__macosx'];

/** One slice that can be read; or, with a refusal, why there is none. */
export interface SliceSource {
  name: string;
  content: Blob | Packed;
  /** Which of the file's frames, from 0; null where it has one alone. */
  frame: number | null;
  refusal: { code: string; limit: number | undefined } | null;
}

/** A file as it was named; or, with a refusal, why there is none. */
export interface Given {
  name: string;
  file: Blob;
  refusal?: SliceSource['refusal'];
}

/**
 * Finds every slice; what can't be read takes the place of one, so that nothing is lost unseen.
 *
 * @param goOn Asked before each file, and each in a ZIP file, whether anybody still waits for them.
 * @throws ImageError `too_many_slices`
 */
export async function slicesOf(given: readonly Given[], goOn: () => boolean): Promise<SliceSource[]> {
  check(given.length);
  const found: SliceSource[] = [];
  for (const { file, refusal = null, ...each } of given) {
    const name = printable(each.name);
    const inside = refusal ? [{ name, content: file, frame: null, refusal }] : slices(name, file);
    for await (const slice of inside) {
      found.push(slice);
      check(found.length);
      if (!goOn()) {
        return found;
      }
    }
  }
  return found;
}

/** A name whose control characters are replaced, so that it can't play tricks when shown. */
export function printable(name: string): string {
  return name.replace(/[\p{C}\p{Z}]/gu, (letter) => (letter === ' ' ? letter : '\ufffd'));
}

/** Whether a file or folder inside a folder is passed over. */
export function isSkipped(name: string): boolean {
  return name.startsWith('.') || SKIPPED.includes(name.toLowerCase());
}

/** Orders texts as Python does: by their letters' code points. */
export function compareTexts(one: string, other: string): number {
  const [some, others] = [Array.from(one), Array.from(other)];
  const place = some.findIndex((letter, index) => letter !== others[index]);
  if (place === -1 || place >= others.length) {
    return some.length - others.length;
  }
  return some[place]!.codePointAt(0)! - others[place]!.codePointAt(0)!;
}

function check(slices: number): void {
  if (slices > MAX_SLICES) {
    throw new ImageError('too_many_slices', MAX_SLICES);
  }
}

async function* slices(name: string, file: Blob): AsyncGenerator<SliceSource> {
  const first = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  yield* beginsLikeZip(first) ? unzipped(name, file) : frames(name, file, file);
}

/** @param whole The file itself, or its bytes where they are unpacked already. */
async function* frames(
  name: string,
  content: Blob | Packed,
  whole: Blob | Uint8Array<ArrayBuffer>,
): AsyncGenerator<SliceSource> {
  let count: number;
  try {
    if (whole instanceof Blob && whole.size > MAX_MEGABYTES * 1_000_000) {
      throw new ImageError('too_many_bytes', MAX_MEGABYTES);
    }
    count = countFrames(whole instanceof Blob ? await bytesOf(whole) : whole);
  } catch (error) {
    yield refused(name, content, error);
    return;
  }
  check(count);
  for (let frame = 0; frame < count; frame++) {
    yield { name, content, frame: count === 1 ? null : frame, refusal: null };
  }
}

async function* unzipped(inside: string, file: Blob): AsyncGenerator<SliceSource> {
  let entries: Entry[];
  try {
    entries = (await readEntries(file)).filter(isWanted);
    check(entries.length);
    if (entries.length === 0) {
      throw new ImageError('no_slices');
    }
    if (entries.reduce((sum, { bytes }) => sum + bytes, 0) > MAX_UNPACKED * 1_000_000) {
      throw new ImageError('zip_too_large', MAX_UNPACKED);
    }
  } catch (error) {
    if (error instanceof ImageError && error.code === 'too_many_slices') {
      throw error;
    }
    yield refused(inside, file, error);
    return;
  }
  for (const entry of entries.sort((one, other) => compareTexts(one.name, other.name))) {
    yield* slicesOfEntry(inside, file, entry);
  }
}

async function* slicesOfEntry(inside: string, file: Blob, entry: Entry): AsyncGenerator<SliceSource> {
  // Folders inside a ZIP file are often named after patients.
  const name = `${inside}/${printable(partsOf(entry.name).at(-1) ?? '')}`;
  let content: Packed;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    if (entry.bytes > MAX_MEGABYTES * 1_000_000) {
      throw entry.flags & 1
        ? new ImageError('zip_encrypted')
        : new ImageError('too_many_bytes', MAX_MEGABYTES);
    }
    content = await locate(file, entry);
    bytes = await unpack(content);
  } catch (error) {
    yield refused(name, file, error);
    return;
  }
  yield* frames(name, content, bytes);
}

function refused(name: string, content: Blob | Packed, error: unknown): SliceSource {
  if (!(error instanceof ImageError)) {
    throw error;
  }
  return { name, content, frame: null, refusal: { code: error.code, limit: error.limit } };
}

function isWanted({ name }: Entry): boolean {
  return !/[/\\]$/.test(name) && !partsOf(name).some((part) => part !== '..' && isSkipped(part));
}

/** The folders and the name of a path, which may have slashes of both kinds and a drive, as Windows reads it. */
function partsOf(path: string): string[] {
  const drive = /^(?:[^/\\]:|[/\\]{2}[^/\\]+(?:[/\\][^/\\]*)?)/u.exec(path)?.[0] ?? '';
  return path
    .slice(drive.length)
    .split(/[/\\]/)
    .filter((part) => part !== '' && part !== '.');
}
