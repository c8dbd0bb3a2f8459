/** The model's own thread, so that the page never freezes. One picture at a time, in order. */

import { browserFile, fetchBundle, fetchModel, type Bundle } from './bundle';
import { conclude, toFrame, type Judgement } from './classifier';
import { ImageError } from './errors';
import { bring, type Files } from './files';
import { decode } from './image';
import { preprocess, toGrey, type Box } from './preprocessing';
import { measure } from './quality';
import { Runtime } from './runtime';

/** A file to classify, or nothing but a wish that the model be loaded. */
export interface Request {
  id: number;
  file: Blob | null;
  /** What a page in a single file brings along. */
  files?: Files;
}

/** What was made of a picture, as it is shown: at most `SHOWN_SIDE` pixels wide and high. */
export interface Answer extends Judgement {
  picture: ImageBitmap;
  heat: { width: number; height: number; values: Float32Array } | null;
  milliseconds: { decode: number; preprocess: number; infer: number };
}

export type Reply =
  | { id: number; ready: Bundle }
  | { id: number; answer: Answer }
  | { id: number; refusal: { code: string; limit: number | undefined } }
  | { id: number; failure: string };

interface Loaded {
  bundle: Bundle;
  runtime: Runtime;
}

const SHOWN_SIDE = 1024;

let loading: Promise<Loaded> | undefined;
let queue: Promise<void> = Promise.resolve();

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  bring(data.files ?? {});
  queue = queue.then(() => serve(data));
});

async function serve({ id, file }: Request): Promise<void> {
  try {
    const { bundle, runtime } = await load();
    if (file) {
      const answer = await classify(file, bundle, runtime);
      reply({ id, answer }, answer.heat ? [answer.picture, answer.heat.values.buffer] : [answer.picture]);
    } else {
      reply({ id, ready: bundle });
    }
  } catch (error) {
    reply(
      error instanceof ImageError
        ? { id, refusal: { code: error.code, limit: error.limit } }
        : { id, failure: String(error) },
    );
  }
}

function reply(message: Reply, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

async function load(): Promise<Loaded> {
  loading ??= open();
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

async function open(): Promise<Loaded> {
  const bundle = await fetchBundle();
  const runtime = await Runtime.load(bundle, await fetchModel(browserFile(bundle)));
  const { size, channels } = bundle.input;
  await runtime.run(new Uint8Array(size * size * channels));
  return { bundle, runtime };
}

async function classify(file: Blob, bundle: Bundle, runtime: Runtime): Promise<Answer> {
  const start = performance.now();
  const image = await decode(new Uint8Array(await file.arrayBuffer()));
  const decoded = performance.now();
  const { pixels, box } = preprocess(toGrey(image.data, image.width, image.height), bundle.input);
  const quality = measure(image, pixels, bundle.input.size, box);
  const preprocessed = performance.now();
  const outputs = await runtime.run(pixels);
  const inferred = performance.now();

  const scale = Math.min(1, SHOWN_SIDE / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const map = outputs[bundle.outputs.heatmap ?? ''];
  const shown = box.map((edge) => Math.round(edge * scale)) as unknown as Box;
  return {
    ...conclude(outputs, quality, bundle),
    picture: await createImageBitmap(image, {
      resizeWidth: width,
      resizeHeight: height,
      resizeQuality: 'high',
    }),
    heat: map
      ? toFrame({ width: map.shape[2]!, height: map.shape[1]!, values: map.values }, shown, width, height)
      : null,
    milliseconds: {
      decode: decoded - start,
      preprocess: preprocessed - decoded,
      infer: inferred - preprocessed,
    },
  };
}
