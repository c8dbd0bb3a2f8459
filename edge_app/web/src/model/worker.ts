/** The model's own thread, so that the page never freezes: carries messages, in order, and no more. */

import { defaultFile, type Bundle } from './bundle';
import { Classifier, type Prediction } from './classifier';
import { fetchAll, type Progress } from './downloads';
import { ImageError } from './errors';
import { bring, type Files } from '../shared/files';
import type { Source } from './image';
import { BINARY } from './runtime';

/** A picture to classify, or nothing but a wish that the model be loaded. */
export interface Task {
  id: number;
  bundle: Bundle;
  source: Source | null;
  /** What a page in a single file brings along. */
  files: Files;
}

/** A task, or word that one needn't be begun. */
export type Request = Task | { id: number; drop: true };

/** A prediction without its picture, which is as large as the file. */
export interface Answered extends Omit<Prediction, 'image'> {
  /** Width and height of the decoded picture. */
  size: [number, number];
}

export type Reply =
  | { id: number; ready: true }
  /** While the model is loaded, where that was the wish. */
  | { id: number; progress: Progress }
  /** The picture is at most `SHOWN_SIDE` pixels wide and high. */
  | { id: number; prediction: Answered; picture: ImageBitmap }
  | { id: number; dropped: true }
  | { id: number; refusal: { code: string; limit: number | undefined; elsewhere: boolean } }
  | { id: number; failure: string };

const SHOWN_SIDE = 1024;

let tell: (progress: Progress) => void = () => undefined;
let loading: Promise<Classifier> | undefined;
let queue: Promise<void> = Promise.resolve();
/** Tasks that wait, and whose answer somebody waits for. */
const wanted = new Set<number>();

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  if ('drop' in data) {
    wanted.delete(data.id);
    return;
  }
  bring(data.files);
  wanted.add(data.id);
  queue = queue.then(() => serve(data));
});

async function serve({ id, bundle, source }: Task): Promise<void> {
  if (!wanted.delete(id)) {
    reply({ id, dropped: true });
    return;
  }
  try {
    if (source === null) {
      tell = (progress) => {
        reply({ id, progress });
      };
    }
    const classifier = await load(bundle);
    if (source === null) {
      reply({ id, ready: true });
      return;
    }
    const { image, ...prediction } = await classifier.predict(source);
    const picture = await small(image);
    reply({ id, prediction: { ...prediction, size: [image.width, image.height] }, picture }, [picture]);
  } catch (error) {
    reply(
      error instanceof ImageError
        ? { id, refusal: { code: error.code, limit: error.limit, elsewhere: error.elsewhere } }
        : { id, failure: String(error) },
    );
  }
}

function reply(message: Reply, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

async function load(bundle: Bundle): Promise<Classifier> {
  loading ??= open(bundle);
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

async function open(bundle: Bundle): Promise<Classifier> {
  const { sha256, bytes } = defaultFile(bundle);
  const model = { path: `/model/${sha256}`, bytes };
  const [data, binary] = await fetchAll([model, BINARY], (progress) => {
    tell(progress);
  });
  return Classifier.load(bundle, data!, binary!);
}

async function small(image: ImageData): Promise<ImageBitmap> {
  const scale = Math.min(1, SHOWN_SIDE / Math.max(image.width, image.height));
  return createImageBitmap(image, {
    resizeWidth: Math.max(1, Math.round(image.width * scale)),
    resizeHeight: Math.max(1, Math.round(image.height * scale)),
    resizeQuality: 'high',
  });
}
