/** The twin of `edge_app/dicom/elements.py`: finds a file's elements without trust in what they say. */

import { PIXEL_TAGS, Tag, WANTED } from './tags';

const LONG = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const SHORT = new Set('AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' '));
const ENDLESS = 0xffffffff;
const MARK = 128; // where "DICM" stands
const IMPLICIT = '1.2.840.10008.1.2';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';

const MAX_ELEMENTS = 200_000;
const MAX_DEPTH = 16;
const MAX_TEXT = 4096;
const MAX_DIGITS = 64;

const NUMBER = /^[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][+-]?[0-9]+)?$/;

/** Tells whether a file is DICOM: by its mark, or by its first element where the preamble is missing. */
export function isDicom(bytes: Uint8Array): boolean {
  if (latin(bytes, MARK, MARK + 4) === 'DICM') {
    return true;
  }
  if (bytes.length < 8 || !['\x02\0', '\x08\0'].includes(latin(bytes, 0, 2))) {
    return false;
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getUint32(4, true);
  return isKind(latin(bytes, 4, 6)) || length <= bytes.length - 8;
}

interface Element {
  tag: number;
  kind: string;
  start: number;
  stop: number;
  endless: boolean;
  explicit: boolean;
}

/** Walks the elements of a file's bytes; throws a RangeError where they are cut, too many or too deep. */
class Reader {
  /** The items of the sequences that were asked for, by where these start. */
  readonly known = new Map<number, Elements[]>();
  private readonly view: DataView;
  private readonly ends = new Map<number, number>();
  private steps = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly isLittle = true,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The element or item at a place, up to where it ends; it may have been met when such an end was sought. */
  element(place: number, end: number, explicit: boolean, depth = 0, met = false): Element {
    this.steps += met ? 0 : 1;
    if (this.steps > MAX_ELEMENTS || depth > MAX_DEPTH || place + 8 > end) {
      throw new RangeError('elements');
    }
    const tag = this.tag(place);
    const kind = latin(this.bytes, place + 4, place + 6);
    const [start, length] = this.extent(place, end, tag, kind, explicit);
    const endless = length === ENDLESS;
    if (PIXEL_TAGS.includes(tag) && depth === 0) {
      // The last that is read; whether there is enough of it is for the frame to say.
      return { tag, kind, start, stop: Math.min(start + length, end), endless, explicit };
    }
    const stop = endless ? this.end(start, end, tag, explicit, depth) : start + length;
    if (stop > end) {
      throw new RangeError('elements');
    }
    return { tag, kind, start, stop, endless, explicit };
  }

  tag(place: number): number {
    return this.word(place) * 65536 + this.word(place + 2);
  }

  /** Tells by the first element at a place whether elements there name their kinds. */
  isExplicit(place: number): boolean {
    return isKind(latin(this.bytes, place + 4, place + 6));
  }

  /** Where a value starts, and its length. */
  private extent(place: number, end: number, tag: number, kind: string, explicit: boolean): [number, number] {
    if (!explicit || tag >>> 16 === 0xfffe) {
      return [place + 8, this.long(place + 4)];
    }
    if (SHORT.has(kind)) {
      return [place + 8, this.word(place + 6)];
    }
    if (LONG.has(kind)) {
      if (place + 12 > end) {
        throw new RangeError('elements');
      }
      return [place + 12, this.long(place + 8)];
    }
    // A kind that nobody knows: of the ways to write it, the first behind which a later element stands.
    const ways: [number, number][] = [[place + 8, this.word(place + 6)]];
    if (this.word(place + 6) === 0 && place + 12 <= end) {
      ways.push([place + 12, this.long(place + 8)]);
    }
    ways.push([place + 8, this.long(place + 4)]);
    const way = ways.find(([start, length]) => {
      const stop = start + length;
      return stop === end || (stop + 4 <= end && this.tag(stop) > tag);
    });
    if (!way) {
      throw new RangeError('elements');
    }
    return way;
  }

  /** Where a sequence or an item without a length ends, behind its mark; it is walked once. */
  private end(start: number, end: number, tag: number, explicit: boolean, depth: number): number {
    const known = this.ends.get(start);
    if (known !== undefined) {
      return known;
    }
    const mark = tag === Tag.ITEM ? Tag.END_OF_ITEM : Tag.END_OF_SEQUENCE;
    const named = tag === Tag.ITEM ? explicit && this.isExplicit(start) : explicit;
    for (let place = start; ;) {
      const element = this.element(place, end, named, depth + 1);
      place = element.stop;
      if (element.tag === mark) {
        this.ends.set(start, place);
        return place;
      }
    }
  }

  private word(place: number): number {
    return this.view.getUint16(place, this.isLittle);
  }

  private long(place: number): number {
    return this.view.getUint32(place, this.isLittle);
  }
}

/** The wanted elements of a file or of an item, by tag. */
export class Elements {
  private readonly found = new Map<number, Element>();

  constructor(
    private readonly reader: Reader,
    place: number,
    end: number,
    explicit: boolean,
    private readonly depth = 0,
    met = false,
  ) {
    while (place < end) {
      const element = reader.element(place, end, explicit, depth, met);
      if (element.tag === Tag.END_OF_ITEM) {
        return;
      }
      place = element.stop;
      if (WANTED.has(element.tag)) {
        this.found.set(element.tag, element);
      }
      if (PIXEL_TAGS.includes(element.tag) && depth === 0) {
        return;
      }
    }
  }

  get isLittle(): boolean {
    return this.reader.isLittle;
  }

  has(tag: Tag): boolean {
    return this.found.has(tag);
  }

  /** The two letters of an element's kind, where the file names it. */
  kind(tag: Tag): string {
    return this.found.get(tag)?.kind ?? '';
  }

  /** Tells whether an element is there and names no length, as packed pixels do. */
  isEndless(tag: Tag): boolean {
    return this.found.get(tag)?.endless ?? false;
  }

  /** An element's bytes; none where it is missing. */
  value(tag: Tag): Uint8Array {
    const element = this.found.get(tag);
    return element ? this.reader.bytes.subarray(element.start, element.stop) : new Uint8Array();
  }

  /** An element's text without blanks around it; empty where it is missing. */
  text(tag: Tag): string {
    return text(this.value(tag));
  }

  /** The finite numbers of a text, null for what is none. */
  numbers(tag: Tag): (number | null)[] {
    return this.has(tag) ? this.text(tag).split('\\').map(number) : [];
  }

  /** The first number of a text; null where there is none. */
  first(tag: Tag): number | null {
    return this.numbers(tag)[0] ?? null;
  }

  /** A whole number of two or four bytes; null where it is missing or of another length. */
  integer(tag: Tag): number | null {
    const value = this.value(tag);
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    if (value.length === 2) {
      return view.getUint16(0, this.isLittle);
    }
    return value.length === 4 ? view.getUint32(0, this.isLittle) : null;
  }

  /** A finite number of eight bytes; null where there is none. */
  double(tag: Tag): number | null {
    const value = this.value(tag);
    if (value.length !== 8) {
      return null;
    }
    const number = new DataView(value.buffer, value.byteOffset, 8).getFloat64(0, this.isLittle);
    return Number.isFinite(number) ? number : null;
  }

  /** So many numbers of two bytes each. */
  words(tag: Tag, count: number): Uint16Array {
    const value = this.value(tag);
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    return Uint16Array.from({ length: count }, (_, index) => view.getUint16(2 * index, this.isLittle));
  }

  /** The items of a sequence, even of one whose kind is unknown. */
  items(tag: Tag): Elements[] {
    const sequence = this.found.get(tag);
    if (!sequence) {
      return [];
    }
    const items = this.reader.known.get(sequence.start) ?? this.itemsOf(sequence);
    this.reader.known.set(sequence.start, items);
    return items;
  }

  private itemsOf(sequence: Element): Elements[] {
    const found: Elements[] = [];
    const depth = this.depth + 1;
    let place = sequence.start;
    while (place < sequence.stop) {
      const item = this.reader.element(place, sequence.stop, sequence.explicit, depth, sequence.endless);
      if (item.tag === Tag.END_OF_SEQUENCE) {
        break;
      }
      if (item.tag !== Tag.ITEM) {
        throw new RangeError('items');
      }
      // What a system without a dictionary stored as unknown names no kinds inside.
      const explicit = sequence.explicit && this.reader.isExplicit(item.start);
      found.push(new Elements(this.reader, item.start, item.stop, explicit, depth, item.endless));
      place = item.stop;
    }
    return found;
  }
}

/** Reads the preamble and group 2 alone: the transfer syntax, and where the data set starts. */
export function readTransfer(bytes: Uint8Array): { transfer: string; start: number } {
  const reader = new Reader(bytes);
  let start = latin(bytes, MARK, MARK + 4) === 'DICM' ? MARK + 4 : 0;
  let transfer = '';
  while (start + 8 <= bytes.length && reader.tag(start) >>> 16 === 2) {
    const element = reader.element(start, bytes.length, true);
    if (element.tag === Tag.TRANSFER) {
      transfer = text(bytes.subarray(element.start, element.stop));
    }
    start = element.stop;
  }
  return { transfer: transfer || IMPLICIT, start };
}

/** Reads a data set, whatever its transfer syntax says of the kinds of elements. */
export function readElements(bytes: Uint8Array, transfer: string, start: number): Elements {
  const reader = new Reader(bytes, transfer !== BIG_ENDIAN);
  return new Elements(reader, start, bytes.length, reader.isExplicit(start));
}

function isKind(kind: string): boolean {
  return LONG.has(kind) || SHORT.has(kind);
}

function latin(bytes: Uint8Array, start: number, stop: number): string {
  return String.fromCharCode(...bytes.subarray(start, stop));
}

/** A text without blanks around it. */
function text(value: Uint8Array): string {
  return strip(latin(value, 0, MAX_TEXT));
}

function strip(text: string): string {
  const isBlank = (at: number): boolean => text[at] === ' ' || text[at] === '\0';
  let [start, stop] = [0, text.length];
  while (start < stop && isBlank(start)) {
    start++;
  }
  while (stop > start && isBlank(stop - 1)) {
    stop--;
  }
  return text.slice(start, stop);
}

function number(text: string): number | null {
  const digits = strip(text);
  if (digits.length > MAX_DIGITS || !NUMBER.test(digits)) {
    return null;
  }
  const value = Number(digits.replace(',', '.'));
  return Number.isFinite(value) ? value : null;
}
