/** The twin of `edge_app/formats/bmp.py`: a BMP's header; and run-length encoded ones, read as Pillow does. */

const [OS2, WINDOWS, OS2_LONG] = [12, 40, 64]; // lengths of the header
const HEADERS = [OS2, WINDOWS, 52, 56, OS2_LONG, 108, 124];
const [PLAIN, RLE8, RLE4, MASKS] = [0, 1, 2, 3]; // ways to pack
// Bits of a pixel by way of packing. Those of 2 and 16 bits no two decoders read alike.
const BITS: Record<number, number[]> = {
  [PLAIN]: [1, 4, 8, 24, 32],
  [RLE8]: [8],
  [RLE4]: [4],
  [MASKS]: [32],
};
const BGR = [0xff0000, 0xff00, 0xff];
const ALPHA = [0, 0xff000000];

/** How a run-length encoded file is unpacked. */
export interface Runs {
  bits: number;
  /** Where the runs begin, and where the palette of as many colours. */
  offset: number;
  palette: number;
  colours: number;
  /** Whether the first row is the uppermost. */
  down: boolean;
}

export interface Bmp {
  kind: 'image/bmp';
  width: number;
  height: number;
  orientation: 1;
  bytes: Uint8Array<ArrayBuffer>;
  /** What browsers read otherwise than Pillow. */
  runs: Runs | null;
}

/**
 * Reads a BMP's header; nothing where it is of a rare kind that decoders read differently.
 *
 * @throws Error Where it breaks off or contradicts itself.
 */
export function readBmp(bytes: Uint8Array<ArrayBuffer>): Bmp | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = view.getUint32(10, true);
  const length = view.getUint32(14, true);
  if (!HEADERS.includes(length)) {
    return undefined;
  }
  const os2 = length === OS2;
  const width = os2 ? view.getUint16(18, true) : view.getUint32(18, true);
  const height = os2 ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(os2 ? 24 : 28, true);
  const packing = os2 ? PLAIN : view.getUint32(30, true);
  const colours = os2 ? 0 : view.getUint32(46, true);
  // With a mask for alpha and no use for it.
  const odd = packing === PLAIN && bits === 32 && length > OS2_LONG;
  if (odd || !BITS[packing]?.includes(bits) || (packing === MASKS && !areUsual(view, length))) {
    return undefined;
  }
  const coded = packing === RLE8 || packing === RLE4;
  if (coded && (colours === 1 || colours === 2)) {
    return undefined;
  }
  const palette = 14 + length;
  let start = palette;
  if (bits <= 8) {
    start += (colours || 1 << bits) * (os2 ? 3 : 4);
  } else if (packing === MASKS && length === WINDOWS) {
    start += 12;
  }
  if (colours > 2 ** bits || offset < start || offset >= bytes.length) {
    throw new Error('offset');
  }
  const stride = Math.floor((width * bits + 31) / 32) * 4;
  if (!coded && offset + stride * Math.abs(height) > bytes.length) {
    throw new Error('cut');
  }
  const runs = coded ? { bits, offset, palette, colours: colours || 1 << bits, down: height < 0 } : null;
  return { kind: 'image/bmp', width, height: Math.abs(height), orientation: 1, bytes, runs };
}

function areUsual(view: DataView, length: number): boolean {
  const masks = [54, 58, 62, 66].map((place) => view.getUint32(place, true));
  const usual = BGR.every((mask, index) => mask === masks[index]);
  return length !== OS2_LONG && usual && (length <= 52 || ALPHA.includes(masks[3]!));
}

/**
 * Unpacks a run-length encoded picture to RGBA.
 *
 * @throws Error Where its runs don't fill the picture.
 */
export function unpackRuns({ width, height, bytes }: Bmp, runs: Runs): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const colours = Uint32Array.from({ length: 1 << runs.bits }, (_, index) => {
    const place = runs.palette + 4 * index;
    const [blue, green, red] = index < runs.colours ? bytes.subarray(place, place + 3) : [0, 0, 0];
    return (red! | (green! << 8) | (blue! << 16) | 0xff000000) >>> 0;
  });
  const pixels = new Uint32Array(width * height);
  let place = runs.offset;
  let count = 0;
  const put = (index: number): void => {
    const row = runs.down ? Math.floor(count / width) : height - 1 - Math.floor(count / width);
    // What goes beyond the picture is left out.
    if (count < pixels.length) {
      pixels[row * width + (count % width)] = colours[index]!;
    }
    count++;
  };
  const split = (byte: number, second: boolean): number =>
    runs.bits === 8 ? byte : second ? byte & 15 : byte >> 4;
  let x = 0;
  while (count < pixels.length) {
    const [length, value] = [view.getUint8(place), view.getUint8(place + 1)];
    place += 2;
    if (length > 0) {
      const run = Math.max(0, Math.min(length, width - x));
      for (let index = 0; index < run; index++) {
        put(split(value, index % 2 === 1));
      }
      x += run;
    } else if (value === 0) {
      while (count % width !== 0) {
        put(0);
      }
      x = 0;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      const skipped = view.getUint8(place) + view.getUint8(place + 1) * width;
      place += 2;
      for (let index = Math.min(skipped, pixels.length - count); index > 0; index--) {
        put(0);
      }
      x = count % width;
    } else {
      const run = Math.min(value, pixels.length - count);
      for (let index = 0; index < run; index++) {
        put(split(view.getUint8(place + (runs.bits === 8 ? index : index >> 1)), index % 2 === 1));
      }
      place += runs.bits === 8 ? run : (run + 1) >> 1;
      x += value;
      place += place % 2;
    }
  }
  if (count < pixels.length) {
    throw new Error('runs');
  }
  return pixels;
}
