/** What the clinic's device may reply: an answer that fits what this page knows, or nothing. */

import { described, text, type Label } from '../model/bundle';
import { MAX_SIDE } from '../model/limits';
import {
  anyText,
  choice,
  integer,
  list,
  nullable,
  number,
  parse,
  record,
  RecordError,
  tuple,
  type Reader,
} from '../model/records';
import { REASONS } from '../shared/language';
import type { Answer, PackedHeatmap } from './answer';

/** An answer, and the base64 of a JPEG of the decoded picture: a browser can't open every file. */
export type AnswerWithPicture = Answer & { picture: string; case?: Kept };

/** What became of the case on the clinic's device: its id there, or why it isn't kept. */
export interface Kept {
  id: string | null;
  error: { code: string; message: string } | null;
}

const MAX_CELLS = 1024; // of a map on one side, as many as the largest input has pixels

const share = number(0, 1);
const duration = number(0, Number.MAX_VALUE);
const count = integer(0, Number.MAX_SAFE_INTEGER);
const side = integer(1, MAX_SIDE);
const cells = integer(1, MAX_CELLS);
// The square around a picture reaches beyond it.
const edge = integer(-MAX_SIDE, 2 * MAX_SIDE);

const packed = record({
  box: tuple(edge, edge, edge, edge),
  size: tuple(side, side),
  rows: cells,
  columns: cells,
  values: anyText,
});

const heatmap: Reader<PackedHeatmap> = (value, where) => {
  const found = packed(value, where);
  const [left, top, right, bottom] = found.box;
  if (left >= right || top >= bottom || bytesIn(found.values) !== found.rows * found.columns) {
    throw new RecordError(`${where}: its sizes don't fit`);
  }
  return found;
};

const picture: Reader<string> = (value, where) => {
  const found = anyText(value, where);
  if (!bytesIn(found)) {
    throw new RecordError(`${where}: is no picture`);
  }
  return found;
};

const kept: Reader<Kept> = record({
  id: nullable(text),
  error: nullable(record({ code: text, message: anyText })),
});

function isKept(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'case' in value;
}

/** How many bytes base64 holds; 0 where it is none. */
function bytesIn(base64: string): number {
  try {
    return atob(base64).length;
  } catch {
    return 0;
  }
}

/**
 * Reads an answer.
 *
 * @param labels What this page can name; the probabilities are of all of them.
 * @throws RecordError Where anything is missing, unknown or senseless.
 */
export function readAnswer(json: string, labels: readonly Label[]): AnswerWithPicture {
  const names = labels.map(({ name }) => name);
  const fields = {
    name: anyText,
    verdict: choice('answer', 'unsure', 'refused'),
    label: nullable(choice(...names)),
    probabilities: record(Object.fromEntries(names.map((name) => [name, share]))),
    in_distribution: nullable(share),
    reasons: list(choice(...REASONS)),
    heatmap: nullable(heatmap),
    milliseconds: record({ decode: duration, preprocess: duration, infer: duration }),
    model: record({
      name: text,
      version: text,
      file: described.path,
      sha256: described.sha256,
      precision: described.precision,
      temperature: described.temperature,
    }),
    runtime: anyText,
    machine: anyText,
    thresholds: nullable(described.thresholds),
    quality: record({
      ...{ colour: count, side: count, cut: count, sharpness: count },
      ...{ background: count, gutter: count, halves: count },
      ...{ aspect: count, mirror: count, bar: count, lines: count },
    }),
    frame: count,
    frames: integer(1, Number.MAX_SAFE_INTEGER),
    picture,
  };
  // Where the clinic's device keeps no cases, nothing is said of one.
  const answer: Reader<AnswerWithPicture> = (value, where) =>
    (isKept(value) ? record({ ...fields, case: kept }) : record(fields))(value, where);
  const found = parse(json, answer, 'answer');
  if ((found.label === null) !== (found.verdict === 'refused')) {
    throw new RecordError('answer: its verdict and its label contradict each other');
  }
  return found;
}

/**
 * Reads a case of the clinic's log to which a patient's code was written.
 *
 * @throws RecordError Where it has another one.
 */
export function readCode(json: string, code: string): void {
  const coded: Reader<undefined> = (value, where) => {
    if ((value as { patient?: unknown } | null)?.patient !== code) {
      throw new RecordError(`${where}: has another code`);
    }
    return undefined;
  };
  parse(json, coded, 'case');
}

/** Why a picture was refused: a code, and a sentence for people. */
export interface Refusal {
  code: string;
  detail: string;
}

/**
 * Reads why a picture was refused.
 *
 * @throws RecordError Where there is none.
 */
export function readRefusal(json: string): Refusal {
  const problem = record({
    type: choice('about:blank'),
    title: text,
    status: integer(400, 599),
    detail: anyText,
    code: text,
    name: nullable(anyText),
  });
  const { code, detail } = parse(json, problem, 'error');
  return { code, detail };
}
