/** Picture files, written piece by piece; `tests/corpus` holds both readers to many more. */

import { crc32, deflateSync } from 'node:zlib';

// The smallest JPEG there is to say something about: a profile, a frame of 3 x 2 pixels, a scan, the end.
export const PROFILE = [0xff, 0xe2, 0x00, 0x04, 0x01, 0x02];
export const FRAME = [0xff, 0xc0, 0x00, 0x0b, 8, 0, 2, 0, 3, 1, 1, 0x11, 0];
export const SCAN = [0xff, 0xda, 0x00, 0x08, 1, 1, 0, 0, 63, 0, 0x12, 0xff, 0x00, 0x34];
export const END = [0xff, 0xd9];
export const JPEG = [0xff, 0xd8, ...PROFILE, ...FRAME, ...SCAN, ...END];

/** A block of EXIF that names an orientation. */
export function exif(orientation: number): number[] {
  const entry = [0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0];
  return [...Buffer.from('Exif\0\0II*\0', 'latin1'), 8, 0, 0, 0, 1, 0, ...entry, 0, 0, 0, 0];
}

function chunk(kind: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

interface Kind {
  depth?: number;
  colour?: number;
  interlaced?: boolean;
  packed?: Uint8Array;
  others?: Record<string, Uint8Array>;
}

/** A PNG of rows, or of whatever else is packed into it. */
export function png(
  width: number,
  height: number,
  rows: number[],
  { depth = 8, colour = 0, interlaced = false, packed, others = {} }: Kind = {},
): Uint8Array<ArrayBuffer> {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8);
  return Uint8Array.from(
    Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', head),
      ...Object.entries(others).map(([kind, body]) => chunk(kind, body)),
      chunk('IDAT', packed ?? deflateSync(Uint8Array.from(rows))),
      chunk('IEND', new Uint8Array()),
    ]),
  );
}
