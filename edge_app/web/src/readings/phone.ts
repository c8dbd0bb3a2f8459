/** The model in this phone: the worker behind calls that wait for their answer. */

import { bundle, type Bundle } from '../model/bundle';
import type { Progress } from '../model/downloads';
import { ImageError } from '../model/errors';
import { addressOf, broughtFiles } from '../shared/files';
import type { Milliseconds } from '../model/classifier';
import type { Source } from '../model/image';
import type { Look } from '../model/look';
import type { Given, SliceSource } from '../model/sources';
import type { Packed } from '../model/zip';
import type { Looking, Reply, Request, Search, Task } from '../model/worker';
import script from '../model/worker?worker&url';
import { answerOf } from './answer';
import { readingOf, type Reading } from './reading';
import { encode, type CaseSlice } from './slice';

/** This phone can't run the model. */
export class PhoneError extends Error {}

type Waiting = (reply: Reply) => void;

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let last = 0;

let report: (progress: Progress | undefined) => void = () => undefined;

/** Names who shows how far model and runtime have come; nothing more comes of a download that failed. */
export function onProgress(show: typeof report): void {
  report = show;
}

/** Loads the model, once. */
export async function warmUp(): Promise<void> {
  await ask(await bundle(), null, null);
}

/** Reads a picture here; what is aborted before its turn is never decoded. */
export async function readHere(
  { name, source, frame = null }: CaseSlice,
  signal: AbortSignal,
): Promise<Reading> {
  const found = await bundle();
  await warmUp();
  signal.throwIfAborted();
  const reply = await ask(found, source, frame, signal);
  signal.throwIfAborted();
  if (!('prediction' in reply)) {
    throw new PhoneError('no answer');
  }
  const { prediction, picture } = reply;
  const jpeg = await encode(picture, 'image/jpeg', (context) => {
    context.drawImage(picture, 0, 0);
  });
  picture.close();
  signal.throwIfAborted();
  return readingOf(answerOf(name, prediction, found), 'phone', found.labels, jpeg);
}

/** A picture as its file holds it, and what the model gets of it. */
export interface Seen extends Omit<Look, 'image'> {
  picture: ImageBitmap;
}

/** Decodes a file to be looked at; nothing is classified. */
export async function look(source: Blob | Packed, frame: number): Promise<Seen> {
  const reply = await send({ id: ++last, bundle: await bundle(), look: source, frame });
  if (!('look' in reply)) {
    throw new PhoneError('nothing to look at');
  }
  return { ...reply.look, picture: reply.picture };
}

/** Finds the slices in files; what is aborted is searched no further. */
export async function searchHere(given: Given[], signal: AbortSignal): Promise<SliceSource[]> {
  const reply = await send({ id: ++last, given }, signal);
  signal.throwIfAborted();
  if (!('found' in reply)) {
    throw new PhoneError('nothing found');
  }
  return reply.found;
}

async function ask(
  bundle: Bundle,
  source: Source | Packed | null,
  frame: number | null,
  signal?: AbortSignal,
): Promise<Reply> {
  return send({ id: ++last, bundle, source, frame, files: broughtFiles() }, signal);
}

async function send(request: Task | Looking | Search, signal?: AbortSignal): Promise<Reply> {
  const { id } = request;
  const reply = await new Promise<Reply>((resolve) => {
    waiting.set(id, resolve);
    thread().postMessage(request);
    signal?.addEventListener('abort', () => {
      drop(id);
    });
  });
  if ('failure' in reply) {
    report(undefined);
    throw new PhoneError(reply.failure);
  }
  if ('refusal' in reply) {
    const { code, limit, elsewhere } = reply.refusal;
    throw new ImageError(code, limit, elsewhere);
  }
  return reply;
}

function thread(): Worker {
  if (!worker) {
    worker = new Worker(addressOf(script));
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      if ('progress' in data) {
        report(data.progress);
      } else {
        settle(data);
      }
    });
    // A script that can't be loaded, or a thread that ran out of memory.
    worker.addEventListener('error', (event) => {
      worker?.terminate();
      worker = undefined;
      for (const id of [...waiting.keys()]) {
        settle({ id, failure: event.message });
      }
    });
  }
  return worker;
}

/** Waits no more for a reply, and tells the worker not to begin. */
function drop(id: number): void {
  if (waiting.has(id)) {
    settle({ id, dropped: true });
    const request: Request = { id, drop: true };
    thread().postMessage(request);
  }
}

function settle(reply: Reply): void {
  const resolve = waiting.get(reply.id);
  waiting.delete(reply.id);
  if (resolve) {
    resolve(reply);
  } else if ('picture' in reply) {
    reply.picture.close();
  }
}

/** Reads a picture for its times alone; nothing of it is kept. */
export async function timeHere(source: Blob, signal: AbortSignal): Promise<Milliseconds & { whole: number }> {
  const found = await bundle();
  const start = performance.now();
  const reply = await ask(found, source, null, signal);
  const whole = performance.now() - start;
  signal.throwIfAborted();
  if (!('prediction' in reply)) {
    throw new PhoneError('no answer');
  }
  reply.picture.close();
  return { ...reply.prediction.milliseconds, whole };
}
