/** The twin of `edge_app/verdict.py`: from a model's numbers to a verdict. */

import type { Thresholds } from './bundle';
import { notes, type Quality } from './quality';

export type Verdict = 'answer' | 'unsure' | 'refused';

export const NO_TUMOUR = 'no_tumor';
const MAX_COLOUR = 12;

/**
 * Decides whether an answer is given.
 *
 * @param brain How likely the picture is a slice of a brain MRI; null where the model doesn't say.
 * @returns The verdict and short codes: what led to it, then the notes on the picture's quality.
 */
export function judge(
  probabilities: Record<string, number>,
  brain: number | null,
  quality: Quality,
  thresholds: Thresholds,
): { verdict: Verdict; reasons: string[] } {
  if (thresholds.unsure === null) {
    return { verdict: 'answer', reasons: ['uncalibrated', ...notes(quality)] };
  }
  if (thresholds.refused !== null) {
    if (quality.colour > MAX_COLOUR) {
      return { verdict: 'refused', reasons: ['colour'] };
    }
    if (brain !== null && brain < thresholds.refused) {
      return { verdict: 'refused', reasons: ['no_brain_mri'] };
    }
  }
  const [label, probability] = mostProbable(probabilities);
  if (label === NO_TUMOUR && probability < (thresholds.no_tumour ?? 0)) {
    return { verdict: 'unsure', reasons: ['tumour_not_excluded', ...notes(quality)] };
  }
  if (probability < thresholds.unsure) {
    return { verdict: 'unsure', reasons: ['low_confidence', ...notes(quality)] };
  }
  return { verdict: 'answer', reasons: notes(quality) };
}

/** The first of the most probable answers. */
export function mostProbable(probabilities: Record<string, number>): [string, number] {
  return Object.entries(probabilities).reduce((best, entry) => (entry[1] > best[1] ? entry : best));
}
