/**
 * Pictures and heatmaps on canvases.
 *
 * Browsers keep every image decoded that they ever showed, a megabyte each; a canvas can be released.
 */

import { heatmapAt } from '../model/heatmap';
import { unpacked, type PackedHeatmap } from '../readings/answer';

const HEAT_COLOUR = [255, 140, 0] as const;

/** Makes a canvas as large as a picture and draws it, and the heat over it on another; what was left, neither. */
export async function drawPicture(
  canvas: HTMLCanvasElement,
  picture: Blob,
  heat?: { canvas: HTMLCanvasElement; heatmap: PackedHeatmap },
): Promise<void> {
  const bitmap = await createImageBitmap(picture);
  const { width, height } = bitmap;
  if (canvas.isConnected) {
    draw(canvas, width, height).drawImage(bitmap, 0, 0);
    if (heat) {
      const { values } = heatmapAt(unpacked(heat.heatmap), width, height);
      draw(heat.canvas, width, height).putImageData(tint(values, width), 0, 0);
    }
  }
  bitmap.close();
}

function draw(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  Object.assign(canvas, { width, height });
  return canvas.getContext('2d')!;
}

/** Orange, opaque where the heat is. */
export function tint(heat: Float32Array, width: number): ImageData {
  const image = new ImageData(width, heat.length / width);
  const [red, green, blue] = HEAT_COLOUR;
  for (let index = 0, place = 0; index < heat.length; index++, place += 4) {
    image.data[place] = red;
    image.data[place + 1] = green;
    image.data[place + 2] = blue;
    image.data[place + 3] = 255 * heat[index]!;
  }
  return image;
}
