/** A ZIP file, read as Python's `zipfile` does: its list of entries first, and of these what is asked for. */

import { ImageError } from './errors';
import { checksum } from './formats/checksum';

const ZIP = ['PK\x03\x04', 'PK\x05\x06']; // of an empty one the second
const [END, END_64, LOCATOR_64, ENTRY, HEAD] = [0x06054b50, 0x06064b50, 0x07064b50, 0x02014b50, 0x04034b50];
const [END_SIZE, END_64_SIZE, LOCATOR_SIZE, ENTRY_SIZE, HEAD_SIZE] = [22, 56, 20, 46, 30];
const MAX_COMMENT = 65_536;
const MAX_DIRECTORY = 1_000_000; // bytes of the list of entries
const MAX_VERSION = 63;
const WIDE = 0xffffffff; // stands for a number that is told in 64 bits elsewhere
const [ENCRYPTED, PATCHED, STRONG, UTF8] = [1, 0x20, 0x40, 0x800];
const [STORED, DEFLATED] = [0, 8];
// The upper half of code page 437, which names are in that don't say to be UTF-8.
const LETTERS =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0';

/** What a ZIP file says of one of its files. */
export interface Entry {
  name: string;
  /** As it stands in both places. */
  fullName: string;
  flags: number;
  method: number;
  checksum: number;
  packedBytes: number;
  bytes: number;
  start: number;
}

/** A file of a ZIP file, still packed; it takes no memory. */
export interface Packed {
  packed: Blob;
  deflated: boolean;
  checksum: number;
  bytes: number;
}

/** Tells a file, wherever it is, from pixels. */
export function isFile(source: object): source is Blob | Packed {
  return source instanceof Blob || 'packed' in source;
}

/**
 * The bytes of a file, wherever it is.
 *
 * @throws ImageError As of `unpack`.
 */
export async function bytesOf(file: Blob | Packed): Promise<Uint8Array<ArrayBuffer>> {
  return file instanceof Blob ? new Uint8Array(await file.arrayBuffer()) : unpack(file);
}

/** Tells whether bytes begin like a ZIP file. */
export function beginsLikeZip(bytes: Uint8Array): boolean {
  return ZIP.includes(String.fromCharCode(...bytes.subarray(0, 4)));
}

/**
 * Reads the list of entries.
 *
 * @throws ImageError `zip` where it is damaged, or longer than that of any examination.
 */
export async function readEntries(file: Blob): Promise<Entry[]> {
  try {
    const { start, size, shift } = await findDirectory(file);
    if (size > MAX_DIRECTORY || start < 0) {
      throw new RangeError('directory');
    }
    return listEntries(await viewOf(file, start, size), size, shift);
  } catch (error) {
    throw refusal(error);
  }
}

/**
 * Finds where an entry's bytes are.
 *
 * @throws ImageError `zip_encrypted` where it is, `zip` where it is damaged or packed in a rare way.
 */
export async function locate(file: Blob, entry: Entry): Promise<Packed> {
  if (entry.flags & ENCRYPTED) {
    throw new ImageError('zip_encrypted');
  }
  if (![STORED, DEFLATED].includes(entry.method) || entry.flags & (PATCHED | STRONG)) {
    throw new ImageError('zip');
  }
  try {
    const head = await viewOf(file, entry.start, HEAD_SIZE);
    const [named, more] = [head.getUint16(26, true), head.getUint16(28, true)];
    const name = await viewOf(file, entry.start + HEAD_SIZE, named);
    if (head.getUint32(0, true) !== HEAD || decodeName(name, head.getUint16(6, true)) !== entry.fullName) {
      throw new RangeError('head');
    }
    const start = entry.start + HEAD_SIZE + named + more;
    return {
      packed: file.slice(start, start + entry.packedBytes),
      deflated: entry.method === DEFLATED,
      checksum: entry.checksum,
      bytes: entry.bytes,
    };
  } catch (error) {
    throw refusal(error);
  }
}

/**
 * Unpacks a file, and no more of it than it said that there is.
 *
 * @throws ImageError `zip` where it is damaged, `zip_in_zip` where it is another ZIP file.
 */
export async function unpack({ packed, deflated, bytes, ...said }: Packed): Promise<Uint8Array<ArrayBuffer>> {
  const found = await take(deflated ? inflated(packed) : packed.stream(), bytes);
  if (bytes > 0 && checksum(found) !== said.checksum) {
    throw new ImageError('zip');
  }
  if (beginsLikeZip(found)) {
    throw new ImageError('zip_in_zip');
  }
  return found;
}

function inflated(packed: Blob): ReadableStream<Uint8Array> {
  try {
    return packed.stream().pipeThrough(new DecompressionStream('deflate-raw'));
  } catch {
    // Browsers of before 2023 know no such stream.
    throw new ImageError('zip');
  }
}

/** Takes the first bytes of a stream, or what comes before it breaks off: the checksum tells. */
async function take(stream: ReadableStream<Uint8Array>, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const found = new Uint8Array(bytes);
  let length = 0;
  try {
    while (length < bytes) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      const piece = value.subarray(0, bytes - length);
      found.set(piece, length);
      length += piece.length;
    }
  } catch {
    // A packed stream that is no such thing.
  }
  reader.cancel().catch(() => undefined);
  return found.subarray(0, length);
}

interface Directory {
  start: number;
  size: number;
  /** How far what entries say of their places is off. */
  shift: number;
}

async function findDirectory(file: Blob): Promise<Directory> {
  const first = Math.max(0, file.size - MAX_COMMENT - END_SIZE);
  const tail = await viewOf(file, first, file.size - first);
  const place = findEnd(tail);
  const [size, start] = [tail.getUint32(place + 12, true), tail.getUint32(place + 16, true)];
  const at = first + place;
  const wide = at < LOCATOR_SIZE ? undefined : await findWide(file, at);
  return wide ?? { start: at - size, size, shift: at - size - start };
}

/** Where the end's record is, without a comment behind it or before the longest that there may be. */
function findEnd(tail: DataView): number {
  const last = tail.byteLength - END_SIZE;
  if (tail.getUint32(last, true) === END && tail.getUint16(last + 20, true) === 0) {
    return last;
  }
  let place = tail.byteLength - 4;
  while (tail.getUint32(place, true) !== END) {
    place--;
  }
  if (place > last) {
    throw new RangeError('end');
  }
  return place;
}

/** The same in 64 bits, where it is told so. */
async function findWide(file: Blob, at: number): Promise<Directory | undefined> {
  const locator = await viewOf(file, at - LOCATOR_SIZE, LOCATOR_SIZE);
  if (locator.getUint32(0, true) !== LOCATOR_64) {
    return undefined;
  }
  if (locator.getUint32(4, true) !== 0 || locator.getUint32(16, true) > 1) {
    throw new RangeError('disks');
  }
  const place = at - LOCATOR_SIZE - END_64_SIZE;
  const end = await viewOf(file, place, END_64_SIZE);
  if (end.getUint32(0, true) !== END_64) {
    return undefined;
  }
  const [size, start] = [long(end, 40), long(end, 48)];
  return { start: place - size, size, shift: place - size - start };
}

function listEntries(view: DataView, size: number, shift: number): Entry[] {
  const entries: Entry[] = [];
  for (let place = 0; place < size;) {
    if (view.getUint32(place, true) !== ENTRY || view.getUint8(place + 6) > MAX_VERSION) {
      throw new RangeError('entry');
    }
    const [named, more, remark] = [28, 30, 32].map((at) => view.getUint16(place + at, true));
    const flags = view.getUint16(place + 8, true);
    const after = place + ENTRY_SIZE;
    const fullName = decodeName(part(view, after, named!), flags);
    const entry = {
      name: fullName.split('\0')[0]!,
      fullName,
      flags,
      method: view.getUint16(place + 10, true),
      checksum: view.getUint32(place + 16, true),
      packedBytes: view.getUint32(place + 20, true),
      bytes: view.getUint32(place + 24, true),
      start: view.getUint32(place + 42, true),
    };
    widen(entry, part(view, after + named!, more!));
    entries.push({ ...entry, start: entry.start + shift });
    place = after + named! + more! + remark!;
  }
  return entries;
}

/** Puts in what is told in 64 bits. */
function widen(entry: Entry, extra: DataView): void {
  for (let place = 0; place + 4 <= extra.byteLength;) {
    const [kind, length] = [extra.getUint16(place, true), extra.getUint16(place + 2, true)];
    const told = new DataView(extra.buffer, extra.byteOffset + place + 4, checked(length, extra, place + 4));
    if (kind === 1) {
      let at = 0;
      for (const field of ['bytes', 'packedBytes', 'start'] as const) {
        if (entry[field] === WIDE) {
          entry[field] = long(told, at);
          at += 8;
        }
      }
    }
    place += 4 + length;
  }
}

function decodeName(view: DataView, flags: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (flags & UTF8) {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  }
  return Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : LETTERS[byte - 128]!)).join(
    '',
  );
}

/** A part of the list; of the last entry's it may lack some, as Python takes it. */
function part(view: DataView, start: number, length: number): DataView {
  const first = Math.min(start, view.byteLength);
  return new DataView(view.buffer, view.byteOffset + first, Math.min(length, view.byteLength - first));
}

function checked(length: number, view: DataView, place: number): number {
  if (place + length > view.byteLength) {
    throw new RangeError('extra');
  }
  return length;
}

function long(view: DataView, place: number): number {
  return Number(view.getBigUint64(place, true));
}

/** Some bytes of a file; throws a RangeError where it hasn't as many. */
async function viewOf(file: Blob, start: number, length: number): Promise<DataView> {
  if (start < 0 || start + length > file.size) {
    throw new RangeError('end');
  }
  return new DataView(await file.slice(start, start + length).arrayBuffer());
}

/** A DataView throws a RangeError beyond its end, a TextDecoder a TypeError. */
function refusal(error: unknown): unknown {
  return error instanceof RangeError || error instanceof TypeError ? new ImageError('zip') : error;
}
