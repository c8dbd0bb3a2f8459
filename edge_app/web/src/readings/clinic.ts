/** The clinic's device: the server that this page came from. */

import { language } from '../shared/language';
import { bundle, type Label } from '../model/bundle';
import { RecordError } from '../model/records';
import { bytesOf, isFile, type Packed } from '../model/zip';
import { readingOf, type Reading } from './reading';
import { readAnswer, readRefusal, type AnswerWithPicture, type Refusal } from './reply';
import { ownHeaders } from './sign_in';
import { encode, type CaseSlice } from './slice';

/** The clinic's device can't be reached, or replies what no such device does. */
export class ClinicError extends Error {}

/** The clinic's device didn't like the picture; its sentence is in the chosen language. */
export class ClinicRefusal extends Error {
  constructor(
    readonly code: string,
    sentence: string,
  ) {
    super(sentence);
  }
}

let unkept: string | undefined;

/** Why the clinic's device couldn't keep what it read since this was last asked; nothing where it could. */
export function takeUnkept(): string[] {
  const told = unkept === undefined ? [] : [unkept];
  unkept = undefined;
  return told;
}

/** Whether the clinic's device keeps cases; one that doesn't say so is taken to keep none. */
export async function keepsCases(): Promise<boolean> {
  try {
    const health: unknown = await (await fetch('/api/v1/health')).json();
    return (health as { cases?: { kept?: unknown } }).cases?.kept === true;
  } catch {
    return false;
  }
}

/** Sends a picture to the clinic's device; what is aborted is sent no further. */
export async function readThere({ name, source, frame }: CaseSlice, signal: AbortSignal): Promise<Reading> {
  const form = new FormData();
  form.append('file', isFile(source) ? await whole(source) : await lossless(source), name);
  signal.throwIfAborted();
  const reply = await post(form, frame ?? null, signal);
  const { labels } = await bundle();
  signal.throwIfAborted();
  const { picture, case: kept, ...answer } = understood(reply, labels);
  if (kept?.error) {
    unkept = kept.error.message;
  }
  return readingOf(answer, 'clinic', labels, jpeg(picture));
}

async function lossless(pixels: ImageData): Promise<Blob> {
  return encode(pixels, 'image/png', (context) => {
    context.putImageData(pixels, 0, 0);
  });
}

async function whole(file: Blob | Packed): Promise<Blob> {
  return file instanceof Blob ? file : new Blob([await bytesOf(file)]);
}

interface Reply {
  ok: boolean;
  json: string;
}

async function post(form: FormData, frame: number | null, signal: AbortSignal): Promise<Reply> {
  const wanted = frame === null ? '' : `&frame=${frame}`;
  try {
    const response = await fetch(`/api/v1/predict?include=picture&lang=${language()}${wanted}`, {
      method: 'POST',
      headers: ownHeaders(),
      body: form,
      signal,
    });
    return { ok: response.ok, json: await response.text() };
  } catch {
    throw new ClinicError('unreachable');
  }
}

/** What another device says is shown to a clinician only where it is an answer throughout. */
function understood({ ok, json }: Reply, labels: Label[]): AnswerWithPicture {
  let refusal: Refusal;
  try {
    if (ok) {
      return readAnswer(json, labels);
    }
    refusal = readRefusal(json);
  } catch (error) {
    throw error instanceof RecordError ? new ClinicError(error.message) : error;
  }
  throw new ClinicRefusal(refusal.code, refusal.detail);
}

function jpeg(base64: string): Blob {
  return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: 'image/jpeg' });
}
