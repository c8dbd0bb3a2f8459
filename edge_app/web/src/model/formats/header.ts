/** The twin of `edge_app/formats/header.py`: what a file says of itself, before a browser decodes it. */

import { ImageError } from '../errors';
import { readBmp, type Bmp } from './bmp';
import { readJpeg, type Jpeg } from './jpeg';
import { isPng, readPng, type Png } from './png';
import { readWebp, type Webp } from './webp';

export type Header = Jpeg | Png | Webp | Bmp;

/**
 * Reads a picture's kind, size and orientation, and leaves what a decoder needs of it.
 *
 * @throws ImageError `no_image` where it is of no kind that Otak reads, `damaged` where it ends too early,
 * contradicts itself, or a checksum is wrong.
 */
export function readHeader(bytes: Uint8Array<ArrayBuffer>): Header {
  let header: Header | undefined;
  try {
    header = read(bytes);
  } catch {
    // A RangeError, where what is read lies beyond the end of the file, or a rule of the format is broken.
    throw new ImageError('damaged');
  }
  if (!header) {
    throw new ImageError('no_image');
  }
  return header;
}

function read(bytes: Uint8Array<ArrayBuffer>): Header | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  if (start.startsWith('\xff\xd8\xff')) {
    return readJpeg(bytes);
  }
  if (isPng(bytes)) {
    return readPng(bytes);
  }
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) {
    return readWebp(bytes);
  }
  return start.startsWith('BM') ? readBmp(bytes) : undefined;
}
