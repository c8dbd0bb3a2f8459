/** The twin of `edge_app/classifier.py`: from a model's outputs to a verdict and a heatmap. */

import type { Bundle, Label } from './bundle';
import type { Box } from './preprocessing';
import type { Quality } from './quality';
import { resizeFloats, taps, type Plane } from './resize';
import type { Outputs } from './runtime';
import { judge, mostProbable, type Verdict } from './verdict';

export interface Judgement {
  verdict: Verdict;
  label: string | null;
  probabilities: Record<string, number>;
  reasons: string[];
}

/** Judges a model's outputs and its picture's quality. */
export function conclude(outputs: Outputs, quality: Quality, bundle: Bundle): Judgement {
  const probabilities = shares(outputs[bundle.outputs.probabilities]!.values, bundle.labels);
  const brain = bundle.outputs.brain ? outputs[bundle.outputs.brain]!.values[0]! : null;
  const { verdict, reasons } = judge(probabilities, brain, quality, bundle.thresholds);
  const label = verdict === 'refused' ? null : mostProbable(probabilities)[0];
  return { verdict, label, probabilities, reasons };
}

function shares(values: Float32Array, labels: Label[]): Record<string, number> {
  // An int8 softmax counts in 256ths and need not sum to 1.
  const total = values.reduce((sum, value) => sum + value, 0);
  if (!Number.isFinite(total) || total <= 0) {
    throw new Error('the model gave no finite probabilities');
  }
  return Object.fromEntries(labels.map(({ name }, index) => [name, values[index]! / total]));
}

/** Lays a heatmap over the picture that it was made from; 0 outside the box. */
export function toFrame(
  heat: Plane<Float32Array>,
  box: Box,
  width: number,
  height: number,
): Plane<Float32Array> {
  const [left, top, right, bottom] = box;
  const wide = resizeFloats(heat, right - left, heat.height);
  const { first, reach, weights } = taps(heat.height, bottom - top);
  const values = new Float32Array(width * height);
  const [start, end] = [Math.max(0, left), Math.min(width, right)];
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
    for (let tap = 0; tap < reach; tap++) {
      const weight = weights[(y - top) * reach + tap]!;
      if (weight === 0) {
        continue;
      }
      let from = (first[y - top]! + tap) * wide.width + start - left;
      for (let place = y * width + start; place < y * width + end; place++, from++) {
        values[place]! += weight * wide.values[from]!;
      }
    }
  }
  return { width, height, values };
}
