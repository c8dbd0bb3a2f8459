/** The twin of `edge_app/answer.py`: the one JSON of a prediction, explained in `docs/http-api.md`. */

import { defaultFile, type Bundle, type Thresholds } from '../model/bundle';
import type { Milliseconds } from '../model/classifier';
import type { Heatmap } from '../model/heatmap';
import type { Box } from '../model/preprocessing';
import type { Quality } from '../model/quality';
import type { Verdict } from '../model/verdict';
import type { Answered } from '../model/worker';

/** A small map: a byte for each place, row by row, in base64; 255 is 1. */
export interface PackedHeatmap {
  box: Box;
  /** Width and height of the decoded picture. */
  size: readonly [number, number];
  rows: number;
  columns: number;
  values: string;
}

/** What answered. */
export interface Model {
  name: string;
  version: string;
  file: string;
  sha256: string;
  precision: string;
  temperature: number;
}

export interface Answer {
  name: string;
  verdict: Verdict;
  label: string | null;
  probabilities: Record<string, number>;
  in_distribution: number | null;
  reasons: string[];
  heatmap: PackedHeatmap | null;
  milliseconds: Milliseconds;
  model: Model;
  runtime: string;
  machine: string;
  thresholds: Thresholds | null;
  quality: Quality;
  /** Which frame of the file was read, from 0, and how many it has. */
  frame: number;
  frames: number;
}

/** Makes an answer of what this phone's model says. */
export function answerOf(name: string, prediction: Answered, bundle: Bundle): Answer {
  const { verdict, label, probabilities, in_distribution, reasons, milliseconds, quality } = prediction;
  const { path: file, sha256, precision, temperature } = defaultFile(bundle);
  return {
    ...{ name, verdict, label, probabilities, in_distribution, reasons },
    heatmap: packed(prediction),
    milliseconds,
    model: { name: bundle.name, version: bundle.version, file, sha256, precision, temperature },
    runtime: 'LiteRT.js',
    // A browser doesn't tell.
    machine: '',
    thresholds: bundle.thresholds,
    quality,
    frame: prediction.frame,
    frames: prediction.frames,
  };
}

function packed({ map, box, size }: Answered): PackedHeatmap | null {
  if (!map) {
    return null;
  }
  const bytes = Uint8ClampedArray.from(map.values, (value) => 255 * value);
  const values = btoa(String.fromCharCode(...bytes));
  return { box, size, rows: map.height, columns: map.width, values };
}

/** Unpacks a small map. */
export function unpacked({ box, size, rows, columns, values }: PackedHeatmap): Heatmap {
  const bytes = Array.from(atob(values), (letter) => letter.charCodeAt(0));
  const map = { width: columns, height: rows, values: Float32Array.from(bytes, (byte) => byte / 255) };
  return { map, box, size };
}
