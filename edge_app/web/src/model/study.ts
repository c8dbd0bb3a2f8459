/** The twin of `edge_app/study.py`: from the slices of one examination to one word, never by an average. */

import type { StudyRule } from './bundle';
import { NO_TUMOUR, type Verdict } from './verdict';

const FEWEST = 5; // judged slices; rules are calibrated on studies of at least as many

/** What is said of a slice; null stands for one that can't be read. */
export type Decision = {
  verdict: Verdict;
  label: string | null;
  probabilities: Record<string, number>;
} | null;

export interface StudyPrediction {
  /** Null without a rule, and where no slice was judged. */
  suspicious: boolean | null;
  /** What the rule compares with its threshold; null likewise. */
  score: number | null;
  counts: {
    slices: number;
    answer: number;
    unsure: number;
    refused: number;
    unreadable: number;
    /** That stand out; null without a rule. */
    suspicious: number | null;
  };
  /** Places of the slices: the most suspicious first, then those refused, then those unreadable. */
  order: number[];
}

/**
 * Judges a study.
 *
 * @param slices Of one examination, in any order.
 * @param rule The bundle's; null where it isn't calibrated, and then nothing is said of the whole.
 */
export function judgeStudy(slices: Decision[], rule: StudyRule | null): StudyPrediction {
  const judged = slices.map(tumour).filter((each) => each !== null);
  const score = rule && scoreOf(judged, rule);
  const count = (verdict: Verdict) => slices.filter((each) => each?.verdict === verdict).length;
  return {
    suspicious: rule === null || score === null ? null : score >= rule.threshold,
    score,
    counts: {
      slices: slices.length,
      answer: count('answer'),
      unsure: count('unsure'),
      refused: count('refused'),
      unreadable: slices.filter((each) => each === null).length,
      suspicious: rule && slices.filter((each) => standsOut(each, rule)).length,
    },
    // Sorting keeps the order of equals, here as in Python.
    order: slices
      .map((_, place) => place)
      .sort((first, second) => rankOf(slices[second]!) - rankOf(slices[first]!)),
  };
}

/** How likely a slice shows a tumour; null where it isn't judged. */
function tumour(slice: Decision): number | null {
  return slice === null || slice.verdict === 'refused' ? null : 1 - (slice.probabilities[NO_TUMOUR] ?? 0);
}

/** The tumour's probability of the rank's slice; of few slices the highest, lest a study pass for lack of them. */
function scoreOf(tumours: number[], { rank }: StudyRule): number | null {
  const place = tumours.length < FEWEST ? 0 : rank - 1;
  return [...tumours].sort((first, second) => second - first)[place] ?? null;
}

function standsOut(slice: Decision, { threshold }: StudyRule): boolean {
  const probability = tumour(slice);
  if (slice === null || probability === null) {
    return false;
  }
  return probability >= threshold || (slice.verdict === 'answer' && slice.label !== NO_TUMOUR);
}

function rankOf(slice: Decision): number {
  return slice === null ? -2 : (tumour(slice) ?? -1);
}
