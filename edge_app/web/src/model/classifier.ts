/** The twin of `edge_app/classifier.py`, the one prediction path: from a picture to a verdict. */

import { defaultFile, type Bundle, type Label, type ModelFile } from './bundle';
import { decode, type Source } from './image';
import { preprocess, toGrey, type Box } from './preprocessing';
import { measure, type Quality } from './quality';
import type { Plane } from './resize';
import { Runtime, type Outputs } from './runtime';
import type { Packed } from './zip';
import { decide, mostProbable, type Verdict } from './verdict';

/** Milliseconds spent in each step. */
export interface Milliseconds {
  decode: number;
  preprocess: number;
  infer: number;
}

/** Explained in `edge_app/classifier.py`. */
export interface Prediction {
  verdict: Verdict;
  label: string | null;
  probabilities: Record<string, number>;
  in_distribution: number | null;
  reasons: string[];
  map: Plane<Float32Array> | null;
  box: Box;
  quality: Quality;
  milliseconds: Milliseconds;
  /** Decoded, upright, RGBA. */
  image: ImageData;
  /** Which frame of the file was read, from 0, and how many it has. */
  frame: number;
  frames: number;
}

const TRIAL = 64; // pixels of the picture that a model is tried with

/** A bundle's model, ready to predict. */
export class Classifier {
  private constructor(
    readonly bundle: Bundle,
    readonly file: ModelFile,
    private readonly runtime: Runtime,
  ) {}

  /**
   * Opens a bundle's file and tries whether it fits what the bundle says.
   *
   * @param binary The runtime's WebAssembly.
   */
  static async load(
    bundle: Bundle,
    model: Uint8Array<ArrayBuffer>,
    binary: Uint8Array<ArrayBuffer>,
  ): Promise<Classifier> {
    const runtime = await Runtime.load(bundle.input, model, binary);
    const classifier = new Classifier(bundle, defaultFile(bundle), runtime);
    await classifier.predict(new ImageData(TRIAL, TRIAL));
    return classifier;
  }

  /**
   * Classifies one picture. One call at a time.
   *
   * @param wanted Which frame of a DICOM file, from 0; the middle one where null.
   * @throws ImageError Where it can't be read.
   */
  async predict(source: Source | Packed, wanted: number | null = null): Promise<Prediction> {
    const start = performance.now();
    const { image, frame, frames } = await decode(source, wanted);
    const decoded = performance.now();
    const { input, outputs: names, thresholds, labels } = this.bundle;
    const { pixels, box } = preprocess(toGrey(image.data, image.width, image.height), input);
    const quality = measure(image, pixels, input.size, box);
    const preprocessed = performance.now();
    const outputs = await this.runtime.run(pixels);
    const inferred = performance.now();

    const probabilities = shares(output(outputs, names.probabilities).values, labels);
    const in_distribution =
      names.in_distribution === null ? null : output(outputs, names.in_distribution).values[0]!;
    const { verdict, reasons } = decide(probabilities, in_distribution, quality, thresholds);
    return {
      verdict,
      label: verdict === 'refused' ? null : mostProbable(probabilities)[0],
      probabilities,
      in_distribution,
      reasons,
      map: names.heatmap === null ? null : plane(output(outputs, names.heatmap)),
      box,
      quality,
      milliseconds: {
        decode: decoded - start,
        preprocess: preprocessed - decoded,
        infer: inferred - preprocessed,
      },
      ...{ image, frame, frames },
    };
  }
}

/**
 * What a model gives by a name.
 *
 * @throws Error Where it gives nothing, or no finite numbers.
 */
export function output(outputs: Outputs, name: string): Outputs[string] {
  const found = outputs[name];
  // Of no numbers, every one is finite.
  if (!found?.values.length || !found.values.every(Number.isFinite)) {
    throw new Error(`the model gave no finite numbers for ${name}`);
  }
  return found;
}

function plane({ shape, values }: Outputs[string]): Plane<Float32Array> {
  const [, height, width] = shape;
  if (shape.length !== 3 || height! * width! !== values.length) {
    throw new Error('the heatmap is no plane');
  }
  return { width: width!, height: height!, values };
}

/** The probability of each label; they sum to 1. */
export function shares(values: Float32Array, labels: Label[]): Record<string, number> {
  // An int8 softmax counts in 256ths and need not sum to 1.
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total <= 0 || values.some((value) => value < 0) || values.length !== labels.length) {
    throw new Error('the model gave no probabilities, one for each label');
  }
  return Object.fromEntries(labels.map(({ name }, index) => [name, values[index]! / total]));
}
