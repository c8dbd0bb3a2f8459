/** DICOM files of 64 x 64 levels, written element by element. */

export const SIDE = 64;

const EXPLICIT = '1.2.840.10008.1.2.1';

function element(group: number, number: number, kind: string, value: Buffer): Buffer {
  const head = Buffer.alloc(kind === 'OW' ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(kind, 4, 'latin1');
  if (kind === 'OW') {
    head.writeUInt32LE(value.length, 8);
  } else {
    head.writeUInt16LE(value.length, 6);
  }
  return Buffer.concat([head, value]);
}

function words(...values: number[]): Buffer {
  return Buffer.from(Uint16Array.from(values).buffer);
}

function text(value: string): Buffer {
  return Buffer.from(value.padEnd(value.length + (value.length % 2), '\0'), 'latin1');
}

interface Kind {
  transfer?: string;
  modality?: string;
  part?: string;
  photometric?: string;
  samples?: number;
  stored?: number;
  window?: [string, string];
  frames?: number[][];
}

/** Levels that rise from 0 by 1, pixel by pixel. */
export const rising = Array.from({ length: SIDE * SIDE }, (_, index) => index);

export function dicom({
  transfer = EXPLICIT,
  modality = 'MR',
  part = '',
  photometric = 'MONOCHROME2',
  samples = 1,
  stored = 16,
  window,
  frames = [rising],
}: Kind = {}): Uint8Array<ArrayBuffer> {
  const windowed = window
    ? [element(0x28, 0x1050, 'DS', text(window[0])), element(0x28, 0x1051, 'DS', text(window[1]))]
    : [];
  const parts = [
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(0x02, 0x10, 'UI', text(transfer)),
    element(0x08, 0x60, 'CS', text(modality)),
    element(0x18, 0x15, 'CS', text(part)),
    element(0x28, 0x02, 'US', words(samples)),
    element(0x28, 0x04, 'CS', text(photometric)),
    element(0x28, 0x08, 'IS', text(String(frames.length))),
    element(0x28, 0x10, 'US', words(SIDE)),
    element(0x28, 0x11, 'US', words(SIDE)),
    element(0x28, 0x100, 'US', words(16)),
    element(0x28, 0x101, 'US', words(stored)),
    element(0x28, 0x103, 'US', words(0)),
    ...windowed,
    element(0x7fe0, 0x10, 'OW', words(...frames.flat())),
  ];
  return Uint8Array.from(Buffer.concat(parts));
}
