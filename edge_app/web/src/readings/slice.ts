/** What is to be read. */

import type { ImageError } from '../model/errors';
import type { Source } from '../model/image';
import { printable } from '../model/sources';
import type { Packed } from '../model/zip';

/** A picture and what it is called. */
export interface Slice {
  name: string;
  source: Source;
}

/** A slice of a case, wherever it comes from. */
export interface CaseSlice {
  name: string;
  source: Source | Packed;
  /** Which of the file's frames, from 0; the middle one where none is named. */
  frame?: number | null;
  /** Why it can't be read, where that is known before. */
  refusal?: ImageError;
  /** Whether this device is known not to read it, so that nobody is sent back to it. */
  closedHere?: true;
}

export function fromFile(file: File): Slice {
  return { name: printable(file.name), source: file };
}

/** Encodes what is drawn on a canvas of a size. */
export async function encode(
  { width, height }: { width: number; height: number },
  type: 'image/jpeg' | 'image/png',
  draw: (context: CanvasRenderingContext2D) => void,
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  draw(canvas.getContext('2d')!);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, type, 0.9);
  });
  canvas.width = 0;
  if (!blob) {
    throw new Error('the picture could not be drawn');
  }
  return blob;
}
