/** The heat of a report, at a size that is small enough to stay in memory. */

import { heatmapAt } from '../../model/heatmap';
import { unpacked, type PackedHeatmap } from '../../readings/answer';
import { tint } from '../canvas';

const SIDE = 256; // pixels of the longer side
export const OPACITY = 0.6;

export function heatCanvas(heatmap: PackedHeatmap): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const scale = SIDE / Math.max(...heatmap.size);
  const [width, height] = heatmap.size.map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ];
  Object.assign(canvas, { width, height });
  const { values } = heatmapAt(unpacked(heatmap), width, height);
  canvas.getContext('2d')!.putImageData(tint(values, width), 0, 0);
  return canvas;
}
