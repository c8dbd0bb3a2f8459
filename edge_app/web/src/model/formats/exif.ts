/** The twin of `edge_app/formats/exif.py`: the one thing that Otak reads of EXIF, which way up a picture is. */

const ORIENTATION = 0x0112;
const SHORT = 3;
export const PREFIX = 'Exif\0\0';

/** The orientation that an EXIF block names, 1 to 8; 1, upright, where it names none. */
export function readOrientation(block: Uint8Array): number {
  const start = text(block).startsWith(PREFIX) ? PREFIX.length : 0;
  const view = new DataView(block.buffer, block.byteOffset + start, block.byteLength - start);
  const little = text(block.subarray(start)).startsWith('II*\0');
  if (!little && !text(block.subarray(start)).startsWith('MM\0*')) {
    return 1;
  }
  try {
    const place = view.getUint32(4, little);
    const count = view.getUint16(place, little);
    for (let entry = place + 2; entry < place + 2 + 12 * count; entry += 12) {
      const value = view.getUint16(entry + 8, little);
      if (view.getUint16(entry, little) === ORIENTATION) {
        return view.getUint16(entry + 2, little) === SHORT && value >= 1 && value <= 8 ? value : 1;
      }
    }
  } catch {
    // A broken block is no reason to refuse a picture.
  }
  return 1;
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, PREFIX.length));
}
