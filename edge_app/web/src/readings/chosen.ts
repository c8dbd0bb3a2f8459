/** What a person chose or dropped: files, and folders, which are searched to the bottom as Python does. */

import { ImageError } from '../model/errors';
import { compareTexts, isSkipped, MAX_SLICES, printable, type Given } from '../model/sources';
import { PhoneError, searchHere } from './phone';
import type { CaseSlice } from './slice';

/** Files that are found when it is their turn. */
export type Chosen = () => Promise<Given[]>;

interface Placed {
  /** The folders below the one that was chosen, and the name. */
  path: readonly string[];
  file: File;
}

/**
 * The slices in what was chosen.
 *
 * @param signal Aborted where nobody waits for them any longer.
 */
export async function slicesIn(chosen: Chosen, signal: AbortSignal): Promise<CaseSlice[]> {
  const given = await chosen();
  try {
    const found = await searchHere(given, signal);
    return found.map(({ name, content, frame, refusal }) => ({
      ...{ name, source: content, frame },
      ...refusalOf(refusal),
    }));
  } catch (error) {
    if (error instanceof ImageError) {
      const [first] = given;
      return [{ name: first?.name ?? '', source: new Blob(), refusal: error }];
    }
    if (error instanceof PhoneError) {
      // The clinic's device reads files too, if none that hold others.
      return given.map(({ name, file, refusal }) => ({ name, source: file, ...refusalOf(refusal) }));
    }
    throw error;
  }
}

function refusalOf(refusal: Given['refusal']): Pick<CaseSlice, 'refusal'> {
  return refusal ? { refusal: new ImageError(refusal.code, refusal.limit) } : {};
}

/** Files as an input has them, of a folder where one was chosen. */
export function picked(files: readonly File[]): Chosen {
  const [top] = files[0]?.webkitRelativePath.split('/') ?? [];
  const given = top
    ? inFolder(
        top,
        files.map((file) => ({ path: file.webkitRelativePath.split('/').slice(1), file })),
      )
    : files.map(named);
  return async () => Promise.resolve(given);
}

/** What was dropped, which can be asked for at once alone. */
export function dropped(transfer: DataTransfer): Chosen | undefined {
  const items = Array.from(transfer.items).filter(({ kind }) => kind === 'file');
  const found = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const present = found.filter((each) => each !== null);
  return present.length === 0
    ? undefined
    : async () => (await Promise.all(present.map(async (each) => givenBy(each)))).flat();
}

async function givenBy(found: FileSystemEntry | File): Promise<Given[]> {
  if (found instanceof File) {
    return [named(found)];
  }
  if (!isFolder(found)) {
    return [await opened(found)];
  }
  const placed: Placed[] = [];
  const closed: Given[] = [];
  await walk(found, [], placed, closed);
  return placed.length > 0 || closed.length === 0 ? [...inFolder(found.name, placed), ...closed] : closed;
}

async function walk(
  folder: FileSystemDirectoryEntry,
  path: readonly string[],
  placed: Placed[],
  closed: Given[],
): Promise<void> {
  const entries = await entriesOf(folder).catch(() => undefined);
  if (!entries) {
    closed.push(refused(folder.name, 'closed'));
    return;
  }
  for (const entry of entries.filter(({ name }) => !isSkipped(name))) {
    // More are too many, whichever they are.
    if (placed.length > MAX_SLICES) {
      return;
    }
    const place = [...path, entry.name];
    if (isFolder(entry)) {
      await walk(entry, place, placed, closed);
    } else {
      const { file, refusal, name } = await opened(entry);
      if (refusal) {
        closed.push(refused(name, refusal.code));
      } else {
        placed.push({ path: place, file: file as File });
      }
    }
  }
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const more = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (more.length === 0) {
      return entries;
    }
    entries.push(...more);
  }
}

async function opened(entry: FileSystemEntry): Promise<Given> {
  return new Promise<File>((resolve, reject) => {
    (entry as FileSystemFileEntry).file(resolve, reject);
  }).then(named, () => refused(entry.name, 'missing'));
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** A folder's files, in the order in which Python walks through it: its own before those of its folders. */
function inFolder(folder: string, files: readonly Placed[]): Given[] {
  const wanted = files.filter(({ path }) => !path.some(isSkipped)).sort(byPlace);
  // Folders are often named after patients.
  return wanted.length > 0 ? wanted.map(({ file }) => named(file)) : [refused(folder, 'no_slices')];
}

function byPlace({ path: one }: Placed, { path: other }: Placed): number {
  let depth = 0;
  while (one[depth] === other[depth] && depth < Math.min(one.length, other.length) - 1) {
    depth++;
  }
  const deeper = Number(depth < one.length - 1) - Number(depth < other.length - 1);
  return deeper || compareTexts(one[depth]!, other[depth]!);
}

function named(file: File): Given {
  return { name: printable(file.name), file };
}

function refused(name: string, code: string): Given {
  return { name: printable(name), file: new Blob(), refusal: { code, limit: undefined } };
}
