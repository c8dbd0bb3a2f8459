/** The twin of `edge_app/classifier.py`: from a model's outputs to a verdict and a heatmap. */

import type { Bundle } from './bundle';
import type { Box } from './preprocessing';
import { resize, type Plane } from './resize';

export type Verdict = 'answer' | 'unsure' | 'refused';

export interface Judgement {
  verdict: Verdict;
  label: string | null;
  probabilities: Record<string, number>;
  reasons: string[];
}

/** Judges a model's probabilities, in the order of the bundle's labels. */
export function judge(values: Float32Array, bundle: Bundle): Judgement {
  // An int8 softmax counts in 256ths and need not sum to 1.
  const total = values.reduce((sum, value) => sum + value, 0);
  if (!Number.isFinite(total) || total <= 0) {
    throw new Error('the model gave no finite probabilities');
  }
  const shares = Array.from(values, (value) => value / total);
  const top = Math.max(...shares);
  const { verdict, reasons } = verdictOf(top, bundle);
  return {
    verdict,
    label: verdict === 'refused' ? null : bundle.labels[shares.indexOf(top)]!.name,
    probabilities: Object.fromEntries(bundle.labels.map(({ name }, index) => [name, shares[index]!])),
    reasons,
  };
}

function verdictOf(top: number, { thresholds }: Bundle): { verdict: Verdict; reasons: string[] } {
  if (thresholds.refused !== null && top < thresholds.refused) {
    return { verdict: 'refused', reasons: ['no_brain_mri'] };
  }
  if (thresholds.unsure !== null && top < thresholds.unsure) {
    return { verdict: 'unsure', reasons: ['low_confidence'] };
  }
  return { verdict: 'answer', reasons: thresholds.unsure === null ? ['uncalibrated'] : [] };
}

/** Lays a heatmap over the picture that it was made from; 0 outside the box. */
export function toFrame(
  heat: Plane<Float32Array>,
  box: Box,
  width: number,
  height: number,
): Plane<Float32Array> {
  const [left, top, right, bottom] = box;
  const scaled = resize(heat, right - left, bottom - top);
  const values = new Float32Array(width * height);
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, right); x++) {
      const value = scaled.values[(y - top) * scaled.width + x - left]!;
      values[y * width + x] = Math.min(1, Math.max(0, value));
    }
  }
  return { width, height, values };
}
