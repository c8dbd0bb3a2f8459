/** The twin of `edge_app/formats/jpeg.py`: a JPEG's segments, and whether its scans say all of the picture. */

import { PREFIX, readOrientation } from './exif';

const [START, END, SCAN, EXIF] = [0xd8, 0xd9, 0xda, 0xe1];
const ALONE = [0x01, START]; // no length follows
const FRAMES = [0xc0, 0xc1, 0xc2];
const PROGRESSIVE = 0xc2;
const OTHER_FRAMES = [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]; // lossless, arithmetic ...
// Tables, the restart interval, and JFIF and Adobe, which say what the channels are.
const KEPT = [...FRAMES, 0xc4, 0xdb, 0xdd, 0xe0, 0xee];
const MAX_SEGMENTS = 10_000;
const MAX_SCANS = 100; // encoders write some ten; each costs a decoder a pass over the whole picture
const COEFFICIENTS = 64;

// Put before the end mark: nothing of a whole picture is left to read there, but a broken-off one would go on
// with it. After each restart marker again, since a decoder may wait for any of them.
const JUNK = Array.from({ length: 64 }, (_, index) => (37 * index + 11) % 251);
const FILLER = Uint8Array.from([
  ...JUNK,
  ...Array.from({ length: 8 }, (_, index) => [0xff, 0xd0 + index, ...JUNK]).flat(),
]);

/** Explained in `edge_app/formats/jpeg.py`. */
export interface Jpeg {
  kind: 'image/jpeg';
  width: number;
  height: number;
  orientation: number;
  doubtful: boolean;
  body: Uint8Array<ArrayBuffer>[];
}

interface Frame {
  width: number;
  height: number;
  progressive: boolean;
  /** By component, how many bits of each coefficient no scan has brought yet. */
  missing: Map<number, Uint8Array>;
}

interface Segment {
  marker: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** What follows it up to the next marker. */
  rest: Uint8Array<ArrayBuffer>;
}

/** What a decoder needs of the file. */
export function wholeJpeg({ kind, body }: Jpeg): Blob {
  return new Blob([...body, Uint8Array.of(0xff, END)], { type: kind });
}

/** The same with `FILLER` at its end; the file is whole where both give the same picture. */
export function filledJpeg({ kind, body }: Jpeg): Blob {
  return new Blob([...body, FILLER, Uint8Array.of(0xff, END)], { type: kind });
}

/**
 * Reads a JPEG's segments; nothing where it is of a kind that no browser decodes.
 *
 * @throws Error Where it breaks off, or not all of the picture is in its scans.
 */
export function readJpeg(bytes: Uint8Array<ArrayBuffer>): Jpeg | undefined {
  let frame: Frame | undefined;
  let orientation = 0;
  let scans = 0;
  const body = [bytes.subarray(0, 2)];
  let waiting: Uint8Array<ArrayBuffer>[] = []; // what no scan has needed yet
  for (const { marker, bytes: segment, rest } of segments(bytes)) {
    if (OTHER_FRAMES.includes(marker)) {
      return undefined;
    }
    if (KEPT.includes(marker)) {
      waiting.push(segment);
    }
    if (FRAMES.includes(marker)) {
      if (frame) {
        throw new Error('two frames');
      }
      frame = readFrame(segment);
      if (!frame) {
        return undefined;
      }
    } else if (marker === SCAN && frame) {
      scans++;
      noteScan(frame, segment);
      body.push(...waiting, segment, rest);
      waiting = [];
    } else if (marker === EXIF && !orientation && hasPrefix(segment)) {
      orientation = readOrientation(segment.subarray(4));
    }
  }
  const missing = [...(frame?.missing.values() ?? [])];
  if (!frame || scans > MAX_SCANS || missing.some((bits) => bits.some((bit) => bit > 0))) {
    throw new Error('scans');
  }
  return {
    kind: 'image/jpeg',
    width: frame.width,
    height: frame.height,
    orientation: orientation || 1,
    doubtful: scans > 1 || missing.length > 3,
    body,
  };
}

function hasPrefix(segment: Uint8Array): boolean {
  return String.fromCharCode(...segment.subarray(4, 4 + PREFIX.length)) === PREFIX;
}

function* segments(bytes: Uint8Array<ArrayBuffer>): Generator<Segment> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = findMarker(bytes, 2);
  for (let count = 0; count < MAX_SEGMENTS && start >= 0; count++) {
    const marker = bytes[start + 1]!;
    if (marker === END) {
      return;
    }
    const end = start + 2 + (ALONE.includes(marker) ? 0 : Math.max(2, view.getUint16(start + 2)));
    const next = findMarker(bytes, end);
    yield { marker, bytes: bytes.subarray(start, end), rest: bytes.subarray(end, Math.max(end, next)) };
    start = next;
  }
  throw new Error('no end');
}

/** In a scan's data a 0 follows each byte 0xFF; restart markers belong to the data. */
function findMarker(bytes: Uint8Array, from: number): number {
  for (let place = bytes.indexOf(0xff, from); place >= 0; place = bytes.indexOf(0xff, place + 1)) {
    const next = bytes[place + 1] ?? 0;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) {
      return place;
    }
  }
  return -1;
}

function readFrame(segment: Uint8Array): Frame | undefined {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const [bits, height, width, count] = [
    view.getUint8(4),
    view.getUint16(5),
    view.getUint16(7),
    view.getUint8(9),
  ];
  if (bits !== 8 || ![1, 3, 4].includes(count)) {
    return undefined;
  }
  const missing = new Map<number, Uint8Array>();
  for (let place = 10; place < 10 + 3 * count; place += 3) {
    const sampling = view.getUint8(place + 1);
    if (Math.min(sampling >> 4, sampling & 15, width, height) < 1) {
      throw new Error('no size');
    }
    missing.set(view.getUint8(place), new Uint8Array(COEFFICIENTS).fill(bits));
  }
  return { width, height, progressive: segment[1] === PROGRESSIVE, missing };
}

function noteScan({ progressive, missing }: Frame, segment: Uint8Array): void {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const after = 5 + 2 * view.getUint8(4);
  const band = [0, 1, 2].map((index) => view.getUint8(after + index));
  const [first, last, bits] = progressive ? band : [0, COEFFICIENTS - 1, 0];
  for (let place = 5; place < after; place += 2) {
    const component = missing.get(view.getUint8(place));
    if (!component) {
      throw new Error('component');
    }
    component.fill(bits! & 15, first, last! + 1);
  }
}
