/** The twin of `edge_app/dicom`: one frame's levels, as a screen would show them. */

import { ImageError } from '../errors';
import { resize, type Plane } from '../resize';
import { isOfHead } from './body';
import { ending, JPEG_2000, unpack, UNPACKED } from './codecs';
import { throughPalette } from './colour';
import { depthOf, show, type Depth } from './display';
import { readElements, readTransfer, type Elements } from './elements';
import { Frames } from './frames';
import { frameBytes, layoutOf, PALETTE, unpacked, type Layout, type Raw } from './layout';
import { PIXEL_TAGS, Tag } from './tags';

export { isDicom } from './elements';

// Screenshots and converted pictures may be of MRI too; the model's own rejection decides on those.
const MODALITIES = ['MR', 'OT', 'SC', ''];
// Megapixels of what takes more memory than grey ones do.
const MAX_JPEG_2000 = 5;
const MAX_COLOURED = 12;
const SQUARE = 0.01; // a pixel's sides that differ by no more than this share are alike

/** A grey frame as it is stored, and its size in square pixels. */
export interface StoredFrame extends Depth {
  columns: number;
  rows: number;
  width: number;
  height: number;
}

/** An opened file, whose pixels are not read yet. */
export class DicomFile {
  /** In square pixels. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** The frame that stands for all, from 0. */
  readonly middle: number;
  private readonly end: string;
  private readonly file: Elements;
  private readonly groups: Frames;
  private readonly layout: Layout;
  private readonly pixels: Uint8Array;

  /**
   * Reads what the file says of its picture.
   *
   * @throws ImageError `dicom` where it is cut or holds no picture; `dicom_compressed` where even its elements
   *   are; `dicom_modality` where it says that it is no MRI, `dicom_body_part` that it shows no head;
   *   `too_many_pixels` where it has too many for its kind.
   */
  constructor(bytes: Uint8Array) {
    try {
      const { transfer, start } = readTransfer(bytes);
      const end = ending(transfer);
      if (end === null) {
        throw new ImageError('dicom_compressed');
      }
      this.end = end;
      this.file = readElements(bytes, transfer, start);
      if (!MODALITIES.includes(this.file.text(Tag.MODALITY))) {
        throw new ImageError('dicom_modality');
      }
      this.groups = new Frames(this.file);
      if (!isOfHead(this.file, this.groups)) {
        throw new ImageError('dicom_body_part');
      }
      this.layout = layoutOf(this.file);
      this.checkPixels();
      const tag = PIXEL_TAGS.find((each) => this.file.has(each as Tag)) ?? Tag.PIXELS;
      this.pixels = this.file.value(tag as Tag);
      this.frames = this.groups.count;
      this.checkLength();
      this.middle = this.groups.middle();
      [this.width, this.height] = this.squareSize();
    } catch (error) {
      throw refusal(error);
    }
  }

  /**
   * Decodes a frame, the middle one where none is named.
   *
   * @throws ImageError `dicom` where it is cut or damaged, `dicom_compressed` where it can't be unpacked here.
   */
  load(frame = this.middle): ImageData {
    try {
      const { rows: height, columns: width } = this.layout;
      const planes = this.shown(frame).map((values) => ({ width, height, values }));
      return toImage(planes.map((plane) => resize(plane, this.width, this.height)));
    } catch (error) {
      throw refusal(error);
    }
  }

  /**
   * The values that a grey frame is stored with; null where it is one of colours.
   *
   * @throws ImageError As `load` does.
   */
  depth(frame = this.middle): StoredFrame | null {
    const { layout, file, groups, width, height } = this;
    if (layout.samples === 3 || layout.photometric === PALETTE) {
      return null;
    }
    try {
      const depth = depthOf(this.raw(frame), layout, file, groups, frame);
      return { ...depth, columns: layout.columns, rows: layout.rows, width, height };
    } catch (error) {
      throw refusal(error);
    }
  }

  /** A frame's levels before any stretch, or those of its three colours. */
  private shown(frame: number): Uint8Array[] {
    const { layout, file } = this;
    const raw = this.raw(frame);
    if (layout.samples === 3) {
      return [0, 1, 2].map((channel) => {
        return Uint8Array.from({ length: raw.length / 3 }, (_, pixel) => raw[3 * pixel + channel]!);
      });
    }
    return layout.photometric === PALETTE
      ? throughPalette(raw, layout.stored, file)
      : [show(raw, layout, file, this.groups, frame)];
  }

  private raw(frame: number): Raw {
    const { layout, pixels } = this;
    if (frame < 0 || frame >= this.frames) {
      throw new RangeError('frame');
    }
    return UNPACKED.includes(this.end)
      ? unpacked(layout, pixels, frame)
      : unpack(pixels, this.end, layout, frame, this.frames);
  }

  /** Throws an ImageError where a frame doesn't fit a small device's memory. */
  private checkPixels(): void {
    const { rows, columns, samples, photometric } = this.layout;
    const coloured = samples === 3 || photometric === PALETTE;
    const limit = JPEG_2000.includes(this.end) ? MAX_JPEG_2000 : coloured ? MAX_COLOURED : Infinity;
    if (rows * columns > limit * 1_000_000) {
      throw new ImageError('too_many_pixels', limit);
    }
  }

  /** Throws a RangeError where there are more frames than pixels, or than fragments. */
  private checkLength(): void {
    const packed = !UNPACKED.includes(this.end);
    // Packed pixels under the name of another syntax aren't told by their length alone.
    if (this.file.isEndless(Tag.PIXELS) && !packed) {
      throw new RangeError('pixels');
    }
    const length = packed ? 8 : frameBytes(this.layout);
    if (this.frames > 1 && this.pixels.length < this.frames * length) {
      throw new RangeError('pixels');
    }
  }

  /** The width and height in square pixels; the side whose pixels are longer is stretched. */
  private squareSize(): [number, number] {
    const { columns, rows } = this.layout;
    const measures = this.groups.about(this.middle, Tag.PIXEL_MEASURES);
    const pairs = [...measures.map((item) => item.numbers(Tag.SPACING)), this.file.numbers(Tag.ASPECT)];
    const isSide = (side: number | null): side is number => side !== null && side >= 1e-6 && side <= 1e6;
    const pair = pairs.find((sides) => sides.length === 2 && sides.every(isSide));
    if (pair) {
      const [down, across] = pair as [number, number];
      if (down > across * (1 + SQUARE)) {
        return [columns, Math.floor((rows * down) / across + 0.5)];
      }
      if (across > down * (1 + SQUARE)) {
        return [Math.floor((columns * across) / down + 0.5), rows];
      }
    }
    return [columns, rows];
  }
}

/** An opaque picture of three colours, or of a grey. */
function toImage(planes: Plane<Uint8Array>[]): ImageData {
  const { width, height } = planes[0]!;
  const image = new ImageData(width, height);
  image.data.fill(255);
  for (let channel = 0; channel < 3; channel++) {
    const { values } = planes[channel % planes.length]!;
    for (let index = 0; index < values.length; index++) {
      image.data[4 * index + channel] = values[index]!;
    }
  }
  return image;
}

/** What a reader of ours throws at bytes that aren't as they should be is a RangeError. */
function refusal(error: unknown): unknown {
  return error instanceof RangeError ? new ImageError('dicom') : error;
}
