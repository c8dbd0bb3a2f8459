/** What is to be read. */

import type { Source } from '../model/image';

/** A picture and what it is called. */
export interface Slice {
  name: string;
  source: Source;
  /** Whether this device is known not to read it, so that nobody is sent back to it. */
  closedHere?: true;
}

export function fromFile(file: File): Slice {
  return { name: file.name, source: file };
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
