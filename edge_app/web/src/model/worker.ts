/** The model's own thread, so that the page never freezes: carries messages, in order, and no more. */

import { defaultFile, type Bundle } from './bundle';
import { Classifier, type Prediction } from './classifier';
import { fetchAll, type Progress } from './downloads';
import { ImageError } from './errors';
import { bring, type Files } from '../shared/files';
import type { Source } from './image';
import { look, type Look } from './look';
import { BINARY } from './runtime';
import { slicesOf, type Given, type SliceSource } from './sources';
import type { Packed } from './zip';

/** A picture to classify, or nothing but a wish that the model be loaded. */
export interface Task {
  id: number;
  bundle: Bundle;
  source: Source | Packed | null;
  /** Which frame of the file, from 0; the middle one where there is none. */
  frame?: number | null;
  /** What a page in a single file brings along. */
  files: Files;
}

/** A file to look at, of which a frame is shown; nothing is classified. */
export interface Looking {
  id: number;
  bundle: Bundle;
  look: Blob | Packed;
  frame: number;
}

/** Files in which slices are to be found. */
export interface Search {
  id: number;
  given: Given[];
}

/** What is asked for, or word that nobody waits for it any longer. */
export type Request = Task | Looking | Search | { id: number; drop: true };

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
  | { id: number; look: Omit<Look, 'image'>; picture: ImageBitmap }
  | { id: number; found: SliceSource[] }
  | { id: number; dropped: true }
  | { id: number; refusal: { code: string; limit: number | undefined; elsewhere: boolean } }
  | { id: number; failure: string };

const SHOWN_SIDE = 1024;

let tell: (progress: Progress) => void = () => undefined;
let loading: Promise<Classifier> | undefined;
let queue: Promise<void> = Promise.resolve();
/** What waits, or is searched, and whose answer somebody waits for. */
const wanted = new Set<number>();

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  if ('drop' in data) {
    wanted.delete(data.id);
    return;
  }
  wanted.add(data.id);
  if ('given' in data) {
    // Not behind the model, whose loading takes a while at first.
    void search(data);
    return;
  }
  queue = queue.then(() => serve(data));
});

async function search({ id, given }: Search): Promise<void> {
  try {
    reply({ id, found: await slicesOf(given, () => wanted.has(id)) });
  } catch (error) {
    reply(refusal(id, error));
  }
  wanted.delete(id);
}

async function serve(request: Task | Looking): Promise<void> {
  const { id } = request;
  if (!wanted.delete(id)) {
    reply({ id, dropped: true });
    return;
  }
  try {
    await ('look' in request ? show(request) : answer(request));
  } catch (error) {
    reply(refusal(id, error));
  }
}

async function answer({ id, bundle, source, frame, files }: Task): Promise<void> {
  bring(files);
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
  const { image, ...prediction } = await classifier.predict(source, frame);
  const picture = await small(image);
  reply({ id, prediction: { ...prediction, size: [image.width, image.height] }, picture }, [picture]);
}

async function show({ id, bundle, look: source, frame }: Looking): Promise<void> {
  const { image, ...found } = await look(source, frame, bundle.input);
  const picture = await small(image);
  reply({ id, look: found, picture }, [picture]);
}

function refusal(id: number, error: unknown): Reply {
  return error instanceof ImageError
    ? { id, refusal: { code: error.code, limit: error.limit, elsewhere: error.elsewhere } }
    : { id, failure: String(error) };
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
