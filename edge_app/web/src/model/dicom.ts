/** The twin of `edge_app/dicom.py`, for uncompressed files: one frame's grey levels, as a screen would show them. */

import { ImageError } from './errors';
import type { Grey } from './preprocessing';

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
// Screenshots and converted pictures may be of MRI too; the model's own rejection decides on those.
const MODALITIES = ['MR', 'OT', 'SC', ''];
const ENDLESS = 0xffffffff;
const LONG = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'];

// Group and element; nothing else is looked at, so no name or number of a patient either.
const TRANSFER = 0x00020010;
const MODALITY = 0x00080060;
const SAMPLES = 0x00280002;
const PHOTOMETRIC = 0x00280004;
const FRAMES = 0x00280008;
const ROWS = 0x00280010;
const COLUMNS = 0x00280011;
const ALLOCATED = 0x00280100;
const STORED = 0x00280101;
const SIGNED = 0x00280103;
const CENTRE = 0x00281050;
const WIDTH = 0x00281051;
const INTERCEPT = 0x00281052;
const SLOPE = 0x00281053;
const PIXELS = 0x7fe00010;
const ITEM = 0xfffee000;
const END_OF_ITEM = 0xfffee00d;
const END_OF_SEQUENCE = 0xfffee0dd;

/** Tells whether a file is DICOM. */
export function isDicom(bytes: Uint8Array): boolean {
  return text(bytes, 128, 4) === 'DICM';
}

/** An opened file, whose pixels are not read yet. */
export class DicomFile {
  readonly width: number;
  readonly height: number;
  private readonly allocated: number;
  private readonly stored: number;
  private readonly pixels: Uint8Array;
  private readonly elements: Map<number, Uint8Array>;

  /**
   * Reads what the file says of its picture.
   *
   * @throws ImageError `dicom` where it is cut or holds no grey picture; `dicom_compressed` where it may;
   *   `dicom_modality` where it says that it is no MRI.
   */
  constructor(bytes: Uint8Array) {
    try {
      this.elements = read(bytes);
    } catch (error) {
      // A RangeError: the file is cut.
      throw error instanceof ImageError ? error : new ImageError('dicom');
    }
    this.width = this.integer(COLUMNS);
    this.height = this.integer(ROWS);
    this.allocated = this.integer(ALLOCATED);
    this.stored = this.integer(STORED);
    this.pixels = this.elements.get(PIXELS) ?? new Uint8Array();
    const whole = this.pixels.length > 0 && this.stored >= 1 && this.stored <= this.allocated;
    const grey = ['MONOCHROME1', 'MONOCHROME2'].includes(this.word(PHOTOMETRIC));
    if (!whole || !grey || ![8, 16].includes(this.allocated) || this.integer(SAMPLES) !== 1) {
      throw new ImageError('dicom');
    }
    if (!MODALITIES.includes(this.word(MODALITY))) {
      throw new ImageError('dicom_modality');
    }
  }

  /** The middle frame's levels, 8 bits. */
  load(): Grey {
    const { width, height } = this;
    const stored = this.frame();
    const levels = this.levels();
    let lowest = Infinity;
    let highest = -Infinity;
    for (const value of stored) {
      lowest = Math.min(lowest, levels[value]!);
      highest = Math.max(highest, levels[value]!);
    }
    const shown = this.show(levels, lowest, highest);
    return { width, height, values: Uint8Array.from(stored, (value) => shown[value]!) };
  }

  private frame(): Uint16Array {
    const count = this.width * this.height;
    const size = (count * this.allocated) / 8;
    const frames = Math.max(1, this.number(FRAMES, 1));
    if (this.pixels.length < size * frames) {
      throw new ImageError('dicom');
    }
    const { buffer, byteOffset } = this.pixels;
    const view = new DataView(buffer, byteOffset + Math.floor(frames / 2) * size, size);
    // What lies above the stored bits is no part of the value.
    const mask = 2 ** this.stored - 1;
    return Uint16Array.from(
      { length: count },
      (_, index) => (this.allocated === 8 ? view.getUint8(index) : view.getUint16(2 * index, true)) & mask,
    );
  }

  /** The rescaled level of each value that can be stored. */
  private levels(): Float64Array {
    const range = 2 ** this.stored;
    const signed = this.integer(SIGNED) !== 0;
    const slope = this.number(SLOPE, 1);
    const intercept = this.number(INTERCEPT, 0);
    return Float64Array.from(
      { length: range },
      (_, value) => (signed && value >= range / 2 ? value - range : value) * slope + intercept,
    );
  }

  /** What a screen shows for each level. */
  private show(levels: Float64Array, lowest: number, highest: number): Uint8Array {
    const width = this.number(WIDTH, 0);
    const centre = this.number(CENTRE, 0);
    const windowed = this.elements.has(CENTRE) && width > 1;
    const inverted = this.word(PHOTOMETRIC) === 'MONOCHROME1';
    return Uint8Array.from(levels, (level) => {
      // The linear window of DICOM's part 3, C.11.2.1.2.
      const share = windowed
        ? (level - (centre - 0.5)) / (width - 1) + 0.5
        : (level - lowest) / Math.max(highest - lowest, 1e-9);
      const shown = Math.floor(Math.min(1, Math.max(0, share)) * 255 + 0.5);
      return inverted ? 255 - shown : shown;
    });
  }

  private integer(tag: number): number {
    const bytes = this.elements.get(tag);
    if (bytes?.length !== 2) {
      throw new ImageError('dicom');
    }
    return bytes[0]! + bytes[1]! * 256;
  }

  private word(tag: number): string {
    const bytes = this.elements.get(tag) ?? new Uint8Array();
    return text(bytes, 0, bytes.length).replace(/[\0 ]+$/, '');
  }

  /** The first of a decimal text's numbers. */
  private number(tag: number, fallback: number): number {
    const [first] = this.word(tag).split('\\');
    const value = first ? Number(first) : fallback;
    if (!Number.isFinite(value)) {
      throw new ImageError('dicom');
    }
    return value;
  }
}

function text(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}

interface Element {
  tag: number;
  start: number;
  length: number;
}

function read(bytes: Uint8Array): Map<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<number, Uint8Array>();
  let explicit = true;
  let place = 132;
  while (place < bytes.length && !found.has(PIXELS)) {
    if (explicit && view.getUint16(place, true) !== 2) {
      explicit = checkTransfer(found);
    }
    const element = head(bytes, view, place, explicit);
    place = after(bytes, view, element, explicit);
    if (isWanted(element.tag)) {
      found.set(element.tag, bytes.subarray(element.start, Math.min(place, bytes.length)));
    }
  }
  return found;
}

function isWanted(tag: number): boolean {
  return [TRANSFER, MODALITY, PIXELS].includes(tag) || tag >>> 16 === 0x0028;
}

/** Tells whether the elements after the first group name their kinds. */
function checkTransfer(found: Map<number, Uint8Array>): boolean {
  const name = found.get(TRANSFER);
  const transfer = name && text(name, 0, name.length).replace(/\0/g, '');
  if (!transfer) {
    throw new ImageError('dicom');
  }
  if (transfer !== IMPLICIT && transfer !== EXPLICIT) {
    throw new ImageError('dicom_compressed');
  }
  return transfer === EXPLICIT;
}

function head(bytes: Uint8Array, view: DataView, place: number, explicit: boolean): Element {
  const tag = view.getUint16(place, true) * 65536 + view.getUint16(place + 2, true);
  // Items name no kind.
  if (!explicit || tag >>> 16 === 0xfffe) {
    return { tag, start: place + 8, length: view.getUint32(place + 4, true) };
  }
  return LONG.includes(text(bytes, place + 4, 2))
    ? { tag, start: place + 12, length: view.getUint32(place + 8, true) }
    : { tag, start: place + 8, length: view.getUint16(place + 6, true) };
}

/** Where an element ends; sequences without a length end with a mark. */
function after(
  bytes: Uint8Array,
  view: DataView,
  { tag, start, length }: Element,
  explicit: boolean,
): number {
  if (length !== ENDLESS) {
    return start + length;
  }
  const end = tag === ITEM ? END_OF_ITEM : END_OF_SEQUENCE;
  for (let place = start; ;) {
    const element = head(bytes, view, place, explicit);
    if (element.tag === end) {
      return element.start;
    }
    place = after(bytes, view, element, explicit);
  }
}
