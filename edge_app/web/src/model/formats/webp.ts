/** The twin of `edge_app/formats/webp.py`: a WebP's chunks. */

import { readOrientation } from './exif';

const DROPPED = ['ICCP', 'EXIF', 'XMP '];
const DROPPED_FLAGS = 0x20 | 0x08 | 0x04; // that say of these chunks that they are there
const MAX_CHUNKS = 50_000;

/** The file without profile, EXIF and XMP. */
export interface Webp {
  kind: 'image/webp';
  width: number;
  height: number;
  orientation: number;
  data: Blob;
}

/**
 * Reads a WebP's chunks.
 *
 * @throws Error Where it breaks off or contradicts itself.
 */
export function readWebp(bytes: Uint8Array<ArrayBuffer>): Webp {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) {
    throw new Error('cut');
  }
  const kept: Uint8Array<ArrayBuffer>[] = [];
  let orientation = 0;
  let place = 12;
  for (let count = 0; place + 8 <= end; count++) {
    const length = view.getUint32(place + 4, true);
    if (place + 8 + length > end || count === MAX_CHUNKS) {
      throw new Error('chunk');
    }
    const chunk = bytes.slice(place, place + 8 + length + (length % 2));
    if (!DROPPED.includes(name(chunk))) {
      kept.push(chunk);
    } else if (name(chunk) === 'EXIF' && !orientation) {
      orientation = readOrientation(chunk.subarray(8));
    }
    place += 8 + length + (length % 2);
  }
  const [first] = kept;
  if (!first) {
    throw new Error('empty');
  }
  const size = readSize(first);
  if (name(first) === 'VP8X') {
    first[8]! &= ~DROPPED_FLAGS;
  }
  const riff = bytes.slice(0, 12);
  const length = kept.reduce((sum, chunk) => sum + chunk.length, 4);
  new DataView(riff.buffer).setUint32(4, length, true);
  return {
    kind: 'image/webp',
    ...size,
    orientation: orientation || 1,
    data: new Blob([riff, ...kept], { type: 'image/webp' }),
  };
}

function name(chunk: Uint8Array): string {
  return String.fromCharCode(...chunk.subarray(0, 4));
}

function readSize(chunk: Uint8Array<ArrayBuffer>): { width: number; height: number } {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const three = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 65536;
  switch (name(chunk)) {
    case 'VP8X':
      return { width: three(12) + 1, height: three(15) + 1 };
    case 'VP8L': {
      const bits = view.getUint32(9, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return { width: view.getUint16(14, true) & 0x3fff, height: view.getUint16(16, true) & 0x3fff };
    default:
      throw new Error('kind');
  }
}
