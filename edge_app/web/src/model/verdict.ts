/** The twin of `edge_app/verdict.py`: from a model's numbers to a verdict. */

import type { Thresholds } from './bundle';
import { notes, type Quality } from './quality';

export type Verdict = 'answer' | 'unsure' | 'refused';

export const NO_TUMOUR = 'no_tumor';
const MAX_COLOUR = 12;
const MAX_LINES = 7;
const MAX_BAR = 44;
const MIN_GUTTER = 32;
const MIN_HALVES = 27;
const MIN_ASPECT = 53;
const MAX_ASPECT = 160;

/**
 * Decides whether an answer is given.
 *
 * @param inDistribution How likely the picture is a slice of a brain MRI; null where the model doesn't say.
 * @param thresholds Null where the model is not calibrated: no answer is given then.
 * @returns The verdict and short codes: what led to it, then the notes on the picture's quality.
 */
export function decide(
  probabilities: Record<string, number>,
  inDistribution: number | null,
  quality: Quality,
  thresholds: Thresholds | null,
): { verdict: Verdict; reasons: string[] } {
  if (thresholds === null) {
    return { verdict: 'unsure', reasons: ['uncalibrated', ...notes(quality)] };
  }
  if (quality.lines > MAX_LINES || quality.bar > MAX_BAR) {
    return { verdict: 'refused', reasons: ['screenshot'] };
  }
  if (quality.colour > MAX_COLOUR) {
    return { verdict: 'refused', reasons: ['colour'] };
  }
  if (severalSlices(quality)) {
    return { verdict: 'refused', reasons: ['several_slices'] };
  }
  if (inDistribution !== null && inDistribution < thresholds.refused) {
    return { verdict: 'refused', reasons: ['no_brain_mri'] };
  }
  const [label, probability] = mostProbable(probabilities);
  const found = notes(quality);
  if (label === NO_TUMOUR && probability < thresholds.no_tumour) {
    return { verdict: 'unsure', reasons: ['tumour_not_excluded', ...found] };
  }
  if (probability < thresholds.unsure) {
    return { verdict: 'unsure', reasons: ['low_confidence', ...found] };
  }
  return { verdict: found.includes('turned') ? 'unsure' : 'answer', reasons: found };
}

function severalSlices({ gutter, halves, aspect }: Quality): boolean {
  return gutter < MIN_GUTTER || halves < MIN_HALVES || aspect < MIN_ASPECT || aspect > MAX_ASPECT;
}

/** The first of the most probable answers. */
export function mostProbable(probabilities: Record<string, number>): [string, number] {
  return Object.entries(probabilities).reduce((best, entry) => (entry[1] > best[1] ? entry : best));
}
