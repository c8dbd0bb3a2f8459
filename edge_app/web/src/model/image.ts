/** The twin of `edge_app/image.py`: from a file's bytes to upright pixels, with hostile files kept out. */

import { DicomFile, isDicom } from './dicom';
import { ImageError } from './errors';
import { readHeader, withoutProfile } from './header';
import { MAX_MEGABYTES, MAX_MEGAPIXELS, MAX_SIDE, MIN_PIXELS } from './limits';

const ALONE = { frame: 0, frames: 1 };

/** A file, or the pixels of a canvas, opaque. */
export type Source = Blob | ImageData;

/** An upright picture, and which of how many frames of the file it is, from 0. */
export interface Decoded {
  image: ImageData;
  frame: number;
  frames: number;
}

/**
 * Decodes a picture: upright, 8 bits, transparency flattened on black, colour profiles ignored.
 *
 * @throws ImageError
 */
export async function decode(source: Source): Promise<Decoded> {
  if (source instanceof Blob) {
    return decodeFile(new Uint8Array(await source.arrayBuffer()));
  }
  checkSize(source.width, source.height);
  return { image: source, ...ALONE };
}

async function decodeFile(bytes: Uint8Array<ArrayBuffer>): Promise<Decoded> {
  if (bytes.length === 0) {
    throw new ImageError('empty');
  }
  if (bytes.length > MAX_MEGABYTES * 1_000_000) {
    throw new ImageError('too_many_bytes', MAX_MEGABYTES);
  }
  if (isDicom(bytes)) {
    const file = new DicomFile(bytes);
    checkSize(file.width, file.height);
    return { image: file.load(), frame: file.middle, frames: file.frames };
  }
  const { kind, width, height } = readHeader(bytes);
  checkSize(width, height);
  const blob = kind === 'image/jpeg' ? withoutProfile(bytes) : new Blob([bytes], { type: kind });
  return { image: pixels(await bitmap(blob)), ...ALONE };
}

function checkSize(width: number, height: number): void {
  if (width * height > MAX_MEGAPIXELS * 1_000_000) {
    throw new ImageError('too_many_pixels', MAX_MEGAPIXELS);
  }
  if (Math.max(width, height) > MAX_SIDE) {
    throw new ImageError('too_long', MAX_SIDE);
  }
  if (Math.min(width, height) < MIN_PIXELS) {
    throw new ImageError('too_small', MIN_PIXELS);
  }
}

async function bitmap(blob: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(blob, {
      colorSpaceConversion: 'none',
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
    });
  } catch {
    throw new ImageError('damaged');
  }
}

function pixels(picture: ImageBitmap): ImageData {
  const { width, height } = picture;
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  });
  if (!context) {
    throw new Error('no canvas');
  }
  context.drawImage(picture, 0, 0);
  picture.close();
  return context.getImageData(0, 0, width, height);
}
