/** The model in this phone: the worker behind calls that wait for their answer. */

import { bundle, type Bundle } from '../model/bundle';
import { ImageError } from '../model/errors';
import { addressOf, broughtFiles } from '../shared/files';
import type { Milliseconds } from '../model/classifier';
import type { Source } from '../model/image';
import type { Reply, Request } from '../model/worker';
import script from '../model/worker?worker&url';
import { answerOf } from './answer';
import { readingOf, type Reading } from './reading';
import { encode, type Slice } from './slice';

/** This phone can't run the model. */
export class PhoneError extends Error {}

type Waiting = (reply: Reply) => void;

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let last = 0;

/** Loads the model, once. */
export async function warmUp(): Promise<void> {
  await ask(await bundle(), null);
}

/** Reads a picture here; what is aborted before its turn is never decoded. */
export async function readHere({ name, source }: Slice, signal: AbortSignal): Promise<Reading> {
  const found = await bundle();
  await warmUp();
  signal.throwIfAborted();
  const reply = await ask(found, source, signal);
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

async function ask(bundle: Bundle, source: Source | null, signal?: AbortSignal): Promise<Reply> {
  const id = ++last;
  const reply = await new Promise<Reply>((resolve) => {
    waiting.set(id, resolve);
    const request: Request = { id, bundle, source, files: broughtFiles() };
    thread().postMessage(request);
    signal?.addEventListener('abort', () => {
      drop(id);
    });
  });
  if ('failure' in reply) {
    throw new PhoneError(reply.failure);
  }
  if ('refusal' in reply) {
    throw new ImageError(reply.refusal.code, reply.refusal.limit);
  }
  return reply;
}

function thread(): Worker {
  if (!worker) {
    worker = new Worker(addressOf(script));
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      settle(data);
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
  const reply = await ask(found, source, signal);
  const whole = performance.now() - start;
  signal.throwIfAborted();
  if (!('prediction' in reply)) {
    throw new PhoneError('no answer');
  }
  reply.picture.close();
  return { ...reply.prediction.milliseconds, whole };
}
