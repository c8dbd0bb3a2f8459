/** Reads what a file says of itself, before a browser spends memory on it. */

import { ImageError } from './errors';

export interface Header {
  kind: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/bmp';
  width: number;
  height: number;
}

const JPEG_ICC = 0xe2;

/**
 * Reads a picture's kind and size.
 *
 * @throws ImageError `no_image` where it is of no kind that Otak reads, `damaged` where it ends too early.
 */
export function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (starts(bytes, 0, '\xff\xd8\xff')) {
      return jpeg(bytes, view);
    }
    if (starts(bytes, 0, '\x89PNG\r\n\x1a\n')) {
      return png(bytes, view);
    }
    if (starts(bytes, 0, 'RIFF') && starts(bytes, 8, 'WEBP')) {
      return webp(bytes, view);
    }
    if (starts(bytes, 0, 'BM')) {
      return bmp(view);
    }
  } catch (error) {
    // A RangeError: the header points beyond the end of the file.
    throw error instanceof ImageError ? error : new ImageError('damaged');
  }
  throw new ImageError('no_image');
}

/** Drops the colour profiles of a JPEG, which Otak ignores and browsers don't. */
export function withoutProfile(bytes: Uint8Array<ArrayBuffer>): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let kept = 0;
  for (const { marker, start, end } of segments(bytes)) {
    if (marker === JPEG_ICC) {
      parts.push(bytes.subarray(kept, start));
      kept = end;
    }
  }
  return new Blob([...parts, bytes.subarray(kept)], { type: 'image/jpeg' });
}

function starts(bytes: Uint8Array, at: number, text: string): boolean {
  return Array.from(text).every((letter, index) => bytes[at + index] === letter.charCodeAt(0));
}

/** The segments of a JPEG up to the first scan's data. */
function* segments(bytes: Uint8Array): Generator<{ marker: number; start: number; end: number }> {
  let place = 2;
  while (place + 4 <= bytes.length) {
    if (bytes[place] !== 0xff) {
      place++;
      continue;
    }
    const marker = bytes[place + 1]!;
    if (marker === 0xff || marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) {
      place += marker === 0xff ? 1 : 2;
      continue;
    }
    const end = place + 2 + bytes[place + 2]! * 256 + bytes[place + 3]!;
    yield { marker, start: place, end };
    if (marker === 0xda) {
      return;
    }
    place = end;
  }
}

function jpeg(bytes: Uint8Array, view: DataView): Header {
  let size: { width: number; height: number } | undefined;
  for (const { marker, start, end } of segments(bytes)) {
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) {
      size = { height: view.getUint16(start + 5), width: view.getUint16(start + 7) };
    }
    // Browsers paint what they have of a cut file.
    if (
      marker === 0xda &&
      size &&
      bytes.subarray(end).some((byte, index, rest) => byte === 0xff && rest[index + 1] === 0xd9)
    ) {
      return { kind: 'image/jpeg', ...size };
    }
  }
  throw new ImageError(size ? 'damaged' : 'no_image');
}

function png(bytes: Uint8Array, view: DataView): Header {
  const header: Header = { kind: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
  let place = 8;
  while (!starts(bytes, place + 4, 'IEND')) {
    place += 12 + view.getUint32(place);
  }
  return header;
}

function webp(bytes: Uint8Array, view: DataView): Header {
  if (view.getUint32(4, true) + 8 > bytes.length) {
    throw new ImageError('damaged');
  }
  const kind = 'image/webp';
  const three = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 65536;
  if (starts(bytes, 12, 'VP8X')) {
    return { kind, width: three(24) + 1, height: three(27) + 1 };
  }
  if (starts(bytes, 12, 'VP8L')) {
    const bits = view.getUint32(21, true);
    return { kind, width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  return { kind, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

function bmp(view: DataView): Header {
  return { kind: 'image/bmp', width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}
