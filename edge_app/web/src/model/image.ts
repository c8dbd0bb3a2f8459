/** The twin of `edge_app/image.py`: from a file's bytes to upright pixels, with hostile files kept out. */

import { DicomFile, isDicom } from './dicom';
import { ImageError } from './errors';
import { unpackRuns } from './formats/bmp';
import { readHeader, type Header } from './formats/header';
import { filledJpeg, wholeJpeg, type Jpeg } from './formats/jpeg';
import { readSamples, SAMPLES, unpackRows, type Png } from './formats/png';
import { toLevels } from './levels';
import { MAX_MEGABYTES, MAX_MEGAPIXELS, MAX_SIDE, MIN_PIXELS } from './limits';
import type { Grey } from './preprocessing';
import { bytesOf, isFile, type Packed } from './zip';

const ALONE = { frame: 0, frames: 1 };

/** A file, or the pixels of a canvas, opaque. */
export type Source = Blob | ImageData;

/** An upright picture, and which of how many frames of the file it is, from 0. */
export interface Decoded {
  image: ImageData;
  frame: number;
  frames: number;
}

const OPAQUE = 0xff000000;
const MID_GREY = 0xff808080;

/**
 * How many frames a file has: 1, but for DICOM files of several.
 *
 * @throws ImageError As of `decode`.
 */
export function countFrames(bytes: Uint8Array): number {
  return isDicom(bytes) ? new DicomFile(bytes).frames : 1;
}

/**
 * Decodes a picture: upright, 8 bits, transparency flattened on black, colour profiles ignored.
 *
 * @param frame Which frame of a DICOM file, from 0; the middle one by position where null.
 * @throws ImageError
 */
export async function decode(source: Source | Packed, frame: number | null = null): Promise<Decoded> {
  if (isFile(source)) {
    return decodeFile(await bytesOf(source), frame);
  }
  checkSize(source.width, source.height);
  return { image: source, ...ALONE };
}

async function decodeFile(bytes: Uint8Array<ArrayBuffer>, frame: number | null): Promise<Decoded> {
  if (bytes.length === 0) {
    throw new ImageError('empty');
  }
  if (bytes.length > MAX_MEGABYTES * 1_000_000) {
    throw new ImageError('too_many_bytes', MAX_MEGABYTES);
  }
  if (isDicom(bytes)) {
    const file = new DicomFile(bytes);
    checkSize(file.width, file.height);
    const shown = frame ?? file.middle;
    return { image: file.load(shown), frame: shown, frames: file.frames };
  }
  const header = readHeader(bytes);
  checkSize(header.width, header.height);
  return { image: turn(await decodePicture(header), header.orientation), ...ALONE };
}

function checkSize(width: number, height: number): void {
  if (width * height > MAX_MEGAPIXELS * 1_000_000) {
    throw new ImageError('too_many_pixels', MAX_MEGAPIXELS);
  }
  if (Math.max(width, height) > MAX_SIDE) {
    throw new ImageError('too_wide', MAX_SIDE);
  }
  if (Math.min(width, height) < MIN_PIXELS) {
    throw new ImageError('too_small', MIN_PIXELS);
  }
}

/** Decodes a file whose head is in order. */
async function decodePicture(header: Header): Promise<ImageData> {
  switch (header.kind) {
    case 'image/jpeg':
      return decodeJpeg(header);
    case 'image/png':
      return decodePng(header);
    case 'image/webp':
      return draw(header.data, header);
    case 'image/bmp': {
      const { width, height, bytes, kind, runs } = header;
      return runs
        ? fromPixels(await whole(() => unpackRuns(header, runs)), width, height)
        : draw(new Blob([bytes], { type: kind }), header);
    }
  }
}

async function decodeJpeg(jpeg: Jpeg): Promise<ImageData> {
  const image = await draw(wholeJpeg(jpeg), jpeg);
  // Browsers paint what they have of a cut file, and mid-grey for the rest.
  if (jpeg.doubtful || pixelsOf(image).at(-1) === MID_GREY) {
    if (!areAlike(pixelsOf(image), pixelsOf(await draw(filledJpeg(jpeg), jpeg)))) {
      throw new ImageError('damaged');
    }
  }
  return image;
}

async function decodePng(png: Png): Promise<ImageData> {
  if (png.depth < 16) {
    await whole(() => unpackRows(png));
    return draw(png.data, png);
  }
  const { width, height, colour, transparent } = png;
  const samples = SAMPLES[colour]!;
  const values = toLevels(await whole(() => readSamples(png)), samples, transparent);
  if (samples === 1) {
    return toImage({ width, height, values });
  }
  const image = new ImageData(width, height);
  // Which sample is red, green, blue and alpha.
  const order = samples === 2 ? [0, 0, 0, 1] : [0, 1, 2, 3];
  for (let pixel = 0, place = 0; place < values.length; pixel += 4, place += samples) {
    for (let channel = 0; channel < 4; channel++) {
      image.data[pixel + channel] = samples === 3 && channel === 3 ? 255 : values[place + order[channel]!]!;
    }
  }
  return samples === 3 ? image : draw(image, png);
}

/** Does what fails only where a file is damaged. */
async function whole<Read>(read: () => Read | Promise<Read>): Promise<Read> {
  try {
    return await read();
  } catch (error) {
    // What a browser doesn't know is no fault of the file's.
    throw error instanceof ReferenceError ? error : new ImageError('damaged');
  }
}

/** A picture as the browser decodes it, or lays it on black. */
async function draw(file: Blob | ImageData, header: Header): Promise<ImageData> {
  // Firefox tells a file's kind by the first of a blob's parts alone, which may be too short for that.
  const source = file instanceof Blob ? new Blob([await file.arrayBuffer()], { type: file.type }) : file;
  const picture = await whole(() =>
    createImageBitmap(source, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' }),
  );
  const { width, height } = picture;
  if (width !== header.width || height !== header.height) {
    throw new ImageError('damaged');
  }
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

function areAlike(some: Uint32Array, others: Uint32Array): boolean {
  let index = 0;
  while (index < some.length && some[index] === others[index]) {
    index++;
  }
  return index === others.length;
}

function pixelsOf({ data }: ImageData): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
}

function fromPixels(pixels: Uint32Array, width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  pixelsOf(image).set(pixels);
  return image;
}

function toImage({ width, height, values }: Grey): ImageData {
  const image = new ImageData(width, height);
  const pixels = pixelsOf(image);
  for (let index = 0; index < values.length; index++) {
    pixels[index] = values[index]! * 0x010101 + OPAQUE;
  }
  return image;
}

/** Turns a picture upright that is stored by one of EXIF's orientations. */
function turn(image: ImageData, orientation: number): ImageData {
  const { width, height } = image;
  const [right, bottom] = [width - 1, height - 1];
  // Where the first pixel goes, and how far on the next in its row and in its column.
  const ways: Record<number, [number, number, number]> = {
    2: [right, -1, width],
    3: [right + bottom * width, -1, -width],
    4: [bottom * width, 1, -width],
    5: [0, height, 1],
    6: [bottom, height, -1],
    7: [bottom + right * height, -height, -1],
    8: [right * height, -height, 1],
  };
  const way = ways[orientation];
  if (!way) {
    return image;
  }
  const [start, across, down] = way;
  const turned = orientation > 4 ? new ImageData(height, width) : new ImageData(width, height);
  const [source, target] = [pixelsOf(image), pixelsOf(turned)];
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0, to = start + y * down; x < width; x++, from++, to += across) {
      target[to] = source[from]!;
    }
  }
  return turned;
}
