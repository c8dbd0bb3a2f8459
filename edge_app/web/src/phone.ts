/** The model in this phone: the worker behind calls that wait for their answer. */

import type { Bundle } from './bundle';
import { ImageError } from './errors';
import { addressOf, broughtFiles } from './files';
import { fromPhone, type Reading } from './reading';
import type { Reply, Request } from './worker';
import script from './worker?worker&url';

/** This phone can't run the model. */
export class PhoneError extends Error {}

type Waiting = (reply: Reply) => void;

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let last = 0;

/** Loads the model, once; answers with its bundle. */
export async function warmUp(): Promise<Bundle> {
  const reply = await ask(null);
  if (!('ready' in reply)) {
    throw new PhoneError('no bundle');
  }
  return reply.ready;
}

/** Reads a picture here; what is aborted before its turn never reaches the worker. */
export async function readHere(file: File, signal: AbortSignal): Promise<Reading> {
  const bundle = await warmUp();
  signal.throwIfAborted();
  const reply = await ask(file);
  if (!('answer' in reply)) {
    throw new PhoneError('no answer');
  }
  return fromPhone(file.name, reply.answer, bundle);
}

async function ask(file: Blob | null): Promise<Reply> {
  const id = ++last;
  const reply = await new Promise<Reply>((resolve) => {
    waiting.set(id, resolve);
    const request: Request = { id, file, files: broughtFiles() };
    thread().postMessage(request);
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

function settle(reply: Reply): void {
  waiting.get(reply.id)?.(reply);
  waiting.delete(reply.id);
}
