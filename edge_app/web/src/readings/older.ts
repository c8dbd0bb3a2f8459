/** Readings as older versions kept them. */

import type { Thresholds } from '../model/bundle';
import type { Reading } from './reading';

/** As version 0.1 kept it: its heatmap was a picture, of which no map can be made. */
export interface OldReading extends Omit<Reading, 'heatmap' | 'in_distribution' | 'thresholds'> {
  heat: Blob | null;
  thresholds: Record<keyof Thresholds, number | null>;
}

export type StoredReading = Reading | OldReading;

/** A reading as this version shows it, whichever kept it. */
export function renewed(kept: StoredReading): Reading {
  if (!('heat' in kept)) {
    return kept;
  }
  const { heat, thresholds, ...rest } = kept;
  const { unsure, no_tumour, refused } = thresholds;
  return {
    ...rest,
    heatmap: null,
    in_distribution: null,
    thresholds: unsure === null ? null : { unsure, no_tumour: no_tumour ?? unsure, refused: refused ?? 0 },
  };
}
