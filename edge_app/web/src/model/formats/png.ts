/** The twin of `edge_app/formats/png.py`: a PNG's chunks, their checksums, and its rows. */

import { checksum } from './checksum';
import { readOrientation } from './exif';

const SIGNATURE = '\x89PNG\r\n\x1a\n';
const [GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA] = [0, 2, 3, 4, 6];
const DEPTHS: Record<number, number[]> = {
  [GREY]: [1, 2, 4, 8, 16],
  [COLOUR]: [8, 16],
  [PALETTE]: [1, 2, 4, 8],
  [GREY_ALPHA]: [8, 16],
  [COLOUR_ALPHA]: [8, 16],
};
export const SAMPLES: Record<number, number> = {
  [GREY]: 1,
  [COLOUR]: 3,
  [PALETTE]: 1,
  [GREY_ALPHA]: 2,
  [COLOUR_ALPHA]: 4,
};
/** A pass over some of a picture's pixels: the first row and column, and the steps to the next. */
interface Pass {
  top: number;
  left: number;
  down: number;
  across: number;
}
const WHOLE: Pass = { top: 0, left: 0, down: 1, across: 1 };
const INTERLACED: Pass[] = [
  { top: 0, left: 0, down: 8, across: 8 },
  { top: 0, left: 4, down: 8, across: 8 },
  { top: 4, left: 0, down: 8, across: 4 },
  { top: 0, left: 2, down: 4, across: 4 },
  { top: 2, left: 0, down: 4, across: 2 },
  { top: 0, left: 1, down: 2, across: 2 },
  { top: 1, left: 0, down: 2, across: 1 },
];
const MAX_CHUNKS = 50_000;

/** Explained in `edge_app/formats/png.py`. */
export interface Png {
  kind: 'image/png';
  width: number;
  height: number;
  orientation: number;
  depth: number;
  colour: number;
  interlaced: boolean;
  transparent: number[] | null;
  data: Blob;
  packed: Blob;
}

interface Chunk {
  kind: string;
  body: Uint8Array<ArrayBuffer>;
}

export function isPng(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, SIGNATURE.length)) === SIGNATURE;
}

/**
 * Reads a PNG's chunks.
 *
 * @throws Error Where it breaks off, contradicts itself, or a checksum is wrong.
 */
export function readPng(bytes: Uint8Array<ArrayBuffer>): Png {
  const chunks = new Map<string, Uint8Array<ArrayBuffer>>();
  const rows: Uint8Array<ArrayBuffer>[] = [];
  for (const { kind, body } of readChunks(bytes)) {
    if (kind === 'IDAT') {
      rows.push(body);
      // Colours after the rows are none of theirs.
    } else if (['IHDR', 'PLTE', 'tRNS'].includes(kind) && rows.length === 0) {
      if (chunks.has(kind)) {
        throw new Error('twice');
      }
      chunks.set(kind, body);
    } else if (kind === 'eXIf' && !chunks.has(kind)) {
      chunks.set(kind, body);
    }
  }
  const header = readHead(chunks.get('IHDR'));
  const palette = chunks.get('PLTE') ?? new Uint8Array();
  const indexed = header.colour === PALETTE;
  if (indexed && (palette.length === 0 || palette.length % 3 || palette.length > 3 << header.depth)) {
    throw new Error('palette');
  }
  const transparency = readTransparency(chunks.get('tRNS'), header, palette.length / 3);
  const deep = header.depth === 16;
  const parts: Chunk[] = [{ kind: 'IHDR', body: chunks.get('IHDR')! }];
  if (indexed) {
    // Of indices beyond the palette each decoder thinks otherwise.
    const full = new Uint8Array(3 << header.depth);
    full.set(palette);
    parts.push({ kind: 'PLTE', body: full });
  }
  if (transparency && !deep) {
    parts.push({ kind: 'tRNS', body: transparency });
  }
  parts.push(...rows.map((body) => ({ kind: 'IDAT', body })), { kind: 'IEND', body: new Uint8Array() });
  return {
    kind: 'image/png',
    ...header,
    orientation: readOrientation(chunks.get('eXIf') ?? new Uint8Array()),
    transparent: transparency && deep ? numbers(transparency) : null,
    data: new Blob([bytes.subarray(0, SIGNATURE.length), ...parts.flatMap(writeChunk)], {
      type: 'image/png',
    }),
    packed: new Blob(rows),
  };
}

function readHead(
  body: Uint8Array<ArrayBuffer> | undefined,
): Pick<Png, 'width' | 'height' | 'depth' | 'colour' | 'interlaced'> {
  if (body?.length !== 13) {
    throw new Error('header');
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, method, filters, interlaced] = body.subarray(8);
  const known = DEPTHS[colour!]?.includes(depth!) && method === 0 && filters === 0 && interlaced! <= 1;
  if (!known || Math.min(width, height) < 1) {
    throw new Error('header');
  }
  return { width, height, depth: depth!, colour: colour!, interlaced: interlaced === 1 };
}

/** A chunk of transparency, or nothing where it is not what the standard says. */
function readTransparency(
  body: Uint8Array<ArrayBuffer> | undefined,
  { depth, colour }: Pick<Png, 'depth' | 'colour'>,
  entries: number,
): Uint8Array<ArrayBuffer> | undefined {
  if (!body || colour === PALETTE) {
    return body && body.length > 0 && body.length <= entries ? body : undefined;
  }
  if (body.length !== { [GREY]: 2, [COLOUR]: 6 }[colour]) {
    return undefined;
  }
  return Math.max(...numbers(body)) < 1 << depth ? body : undefined;
}

function numbers(body: Uint8Array): number[] {
  return Array.from({ length: body.length / 2 }, (_, at) => body[2 * at]! * 256 + body[2 * at + 1]!);
}

function* readChunks(bytes: Uint8Array<ArrayBuffer>): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let place = SIGNATURE.length;
  for (let count = 0; count < MAX_CHUNKS; count++) {
    const after = place + 8 + view.getUint32(place);
    // Beyond the end of a cut file there is none.
    if (view.getUint32(after) !== checksum(bytes.subarray(place + 4, after))) {
      throw new Error('checksum');
    }
    const kind = String.fromCharCode(...bytes.subarray(place + 4, place + 8));
    if (kind === 'IEND') {
      return;
    }
    yield { kind, body: bytes.subarray(place + 8, after) };
    place = after + 4;
  }
  throw new Error('too many chunks');
}

function writeChunk({ kind, body }: Chunk): Uint8Array<ArrayBuffer>[] {
  const named = new Uint8Array(4 + body.length);
  named.set(Uint8Array.from(kind, (letter) => letter.charCodeAt(0)));
  named.set(body, 4);
  return [number(body.length), named, number(checksum(named))];
}

function number(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function passes({ width, height, interlaced }: Png): (Pass & { rows: number; columns: number })[] {
  return (interlaced ? INTERLACED : [WHOLE])
    .map((pass) => ({
      ...pass,
      rows: Math.ceil((height - pass.top) / pass.down),
      columns: Math.ceil((width - pass.left) / pass.across),
    }))
    .filter(({ rows, columns }) => rows > 0 && columns > 0);
}

/**
 * Unpacks the rows, piece by piece, and compares them with their length and checksum.
 *
 * @param keep Takes a piece and where it belongs.
 * @throws Error Where they are not what they should be.
 */
export async function unpackRows(
  png: Png,
  keep: (piece: Uint8Array, place: number) => void = () => undefined,
): Promise<void> {
  const expected = rowBytes(png);
  const reader = png.packed.stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    if (length + value.length > expected) {
      await reader.cancel();
      throw new Error('rows');
    }
    keep(value, length);
    length += value.length;
  }
  if (length < expected) {
    throw new Error('rows');
  }
}

function rowBytes(png: Png): number {
  const bits = png.depth * SAMPLES[png.colour]!;
  return passes(png).reduce(
    (sum, { rows, columns }) => sum + rows * (1 + Math.ceil((columns * bits) / 8)),
    0,
  );
}

/**
 * The samples of a picture of 16 bits, pixel by pixel.
 *
 * @throws Error Where its rows are damaged.
 */
export async function readSamples(png: Png): Promise<Uint16Array> {
  const bytes = new Uint8Array(rowBytes(png));
  await unpackRows(png, (piece, place) => {
    bytes.set(piece, place);
  });
  const samples = SAMPLES[png.colour]!;
  const values = new Uint16Array(samples * png.width * png.height);
  let place = 0;
  for (const { top, left, down, across, rows, columns } of passes(png)) {
    const length = 2 * samples * columns;
    let above = new Uint8Array(length);
    for (let row = 0; row < rows; row++) {
      const line = bytes.subarray(place + 1, place + 1 + length);
      unfilter(line, above, bytes[place]!, 2 * samples);
      const start = (top + row * down) * png.width + left;
      for (let index = 0; index < samples * columns; index++) {
        const column = Math.floor(index / samples);
        const target = samples * (start + column * across) + (index % samples);
        values[target] = (line[2 * index]! << 8) | line[2 * index + 1]!;
      }
      place += 1 + length;
      above = line;
    }
  }
  return values;
}

/** Undoes a row's filter, in place; `back` is how many bytes a pixel has. */
function unfilter(line: Uint8Array, above: Uint8Array, filter: number, back: number): void {
  for (let index = 0; index < line.length; index++) {
    const left = index < back ? 0 : line[index - back]!;
    const up = above[index]!;
    switch (filter) {
      case 0:
        return;
      case 1:
        line[index]! += left;
        break;
      case 2:
        line[index]! += up;
        break;
      case 3:
        line[index]! += (left + up) >> 1;
        break;
      case 4:
        line[index]! += nearest(left, up, index < back ? 0 : above[index - back]!);
        break;
      default:
        throw new Error('filter');
    }
  }
}

/** The one of three neighbours that is nearest to left + up - corner. */
function nearest(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) {
    return left;
  }
  return toUp <= toCorner ? up : corner;
}
