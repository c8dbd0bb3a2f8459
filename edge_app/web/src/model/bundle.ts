/** The twin of `edge_app/bundle.py`, which explains every field: what `bundle.json` says, or nothing. */

import { load } from '../shared/files';
import {
  choice,
  integer,
  list,
  nullable,
  number,
  parse,
  pattern,
  record,
  RecordError,
  type Read,
} from './records';

const MAX_CHARACTERS = 65_536; // what ships has less than 2,000

const share = number(0, 1);

/** A name, or what stands for one. */
// eslint-disable-next-line no-control-regex -- these are what no name may hold
export const text = pattern(/^[^\x00-\x1f\x7f]{1,100}$/u);

const label = record({ name: text, en: text, id: text });

const input = record({
  size: integer(16, 1024),
  channels: choice(1, 3),
  crop: choice('content', 'none'),
  contrast: choice('stretch', 'none'),
});

const thresholds = record({ unsure: share, no_tumour: share, refused: share });

const studyRule = record({ rank: integer(1, 5), threshold: share });

const fileFields = {
  path: pattern(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/),
  sha256: pattern(/^[0-9a-f]{64}$/),
  bytes: integer(1, 2 ** 31),
  format: choice('tflite', 'onnx'),
  precision: choice('float32', 'float16', 'dynamic_range', 'int8'),
  temperature: number(0.001, 1000),
};

const modelFile = record(fileFields);

/** What else names a model's file or its thresholds has them in these words. */
export const described = { ...fileFields, thresholds };

const description = record({
  schema: choice(2),
  name: text,
  version: text,
  labels: list(label),
  input,
  outputs: record({ probabilities: text, heatmap: nullable(text), in_distribution: nullable(text) }),
  files: list(modelFile),
  thresholds: nullable(thresholds),
  study: nullable(studyRule),
  default: text,
});

export type Label = Read<typeof label>;
export type InputSpec = Read<typeof input>;
export type ModelFile = Read<typeof modelFile>;
export type Thresholds = Read<typeof thresholds>;
export type StudyRule = Read<typeof studyRule>;
export type Bundle = Read<typeof description>;

/**
 * Reads a `bundle.json`.
 *
 * @throws RecordError Where anything is missing, unknown or senseless: no verdict is drawn from a guess.
 */
export function readBundle(json: string): Bundle {
  if (json.length > MAX_CHARACTERS) {
    throw new RecordError('bundle.json: is larger than any that Otak wrote');
  }
  const found = parse(json, description, 'bundle.json');
  const fault = faultOf(found);
  if (fault) {
    throw new RecordError(`bundle.json: ${fault}`);
  }
  return found;
}

/** What no type can say to be wrong, if anything. */
function faultOf({ labels, files, outputs, thresholds, study, default: path }: Bundle): string | undefined {
  if (repeats(files.map((file) => file.path))) {
    return 'names a file twice';
  }
  if (!files.some((file) => file.path === path)) {
    return 'its default is none of its files';
  }
  if (labels.length < 2 || repeats(labels.map(({ name }) => name))) {
    return 'needs at least two labels, each of another name';
  }
  if (thresholds && thresholds.refused > 0 && outputs.in_distribution === null) {
    return "refuses pictures by an output that it doesn't name";
  }
  if (study && thresholds === null) {
    return 'judges studies by slices that it has no thresholds for';
  }
  return undefined;
}

function repeats(names: string[]): boolean {
  return new Set(names).size < names.length;
}

let fetched: Promise<Bundle> | undefined;

/**
 * The bundle that the server has, fetched once.
 *
 * @throws RecordError
 */
export async function bundle(): Promise<Bundle> {
  fetched ??= fetchBundle();
  try {
    return await fetched;
  } catch (error) {
    fetched = undefined;
    throw error;
  }
}

async function fetchBundle(): Promise<Bundle> {
  const response = await load('/bundle.json');
  if (!response.ok) {
    throw new Error(`bundle.json: status ${response.status}`);
  }
  return readBundle(await response.text());
}

/**
 * The file that every device runs.
 *
 * @throws RecordError
 */
export function defaultFile({ files, default: path }: Bundle): ModelFile {
  const file = files.find((each) => each.path === path && each.format === 'tflite');
  if (!file) {
    throw new RecordError(`bundle.json: ${path} is no TFLite file of it`);
  }
  return file;
}
