/** What the page reads of a `bundle.json`; `edge_app/bundle.py` explains every field. */

import { load } from './files';

export interface InputSpec {
  size: number;
  channels: number;
  crop: 'content' | 'none';
  contrast: 'stretch' | 'none';
}

export interface Label {
  name: string;
  en: string;
  id: string;
}

export interface ModelFile {
  path: string;
  sha256: string;
  bytes: number;
  format: string;
  precision: string;
}

export interface Thresholds {
  unsure: number | null;
  no_tumour: number | null;
  refused: number | null;
}

export interface Bundle {
  schema: number;
  name: string;
  version: string;
  labels: Label[];
  input: InputSpec;
  outputs: { probabilities: string; heatmap: string | null; brain: string | null };
  files: ModelFile[];
  thresholds: Thresholds;
  default: { browser?: string };
}

const SCHEMA = 1;

/** Fetches the bundle that the server has. */
export async function fetchBundle(): Promise<Bundle> {
  const response = await load('/bundle.json');
  const bundle = (await response.json()) as Bundle;
  if (!response.ok || bundle.schema !== SCHEMA) {
    throw new Error(`bundle.json: status ${response.status}, schema ${bundle.schema}`);
  }
  return bundle;
}

/** The file for a browser. */
export function browserFile(bundle: Bundle): ModelFile {
  const file = bundle.files.find(
    ({ path, format }) => path === bundle.default.browser && format === 'tflite',
  );
  if (!file) {
    throw new Error('bundle.json: no TFLite file for browsers');
  }
  return file;
}

/** Fetches a model, whole. */
export async function fetchModel(file: ModelFile): Promise<Uint8Array<ArrayBuffer>> {
  const response = await load(`/model/${file.sha256}`);
  const model = new Uint8Array(await response.arrayBuffer());
  if (!response.ok || model.length !== file.bytes) {
    throw new Error(`${file.path}: status ${response.status}, ${model.length} of ${file.bytes} bytes`);
  }
  return model;
}
