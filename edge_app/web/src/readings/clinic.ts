/** The clinic's device: the server that this page came from. */

import { language } from '../shared/language';
import { bundle } from '../model/bundle';
import { RecordError } from '../model/records';
import { bytesOf, isFile, type Packed } from '../model/zip';
import { readingOf, type Reading } from './reading';
import { readAnswer, readCode, readRefusal, type Refusal } from './reply';
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

const PATIENCE = 20_000; // milliseconds

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

/**
 * Sends a picture to the clinic's device; what is aborted is sent no further.
 *
 * @param code The patient's, for a device that keeps cases; may be empty.
 */
export async function readThere(
  { name, source, frame }: CaseSlice,
  signal: AbortSignal,
  code: string,
): Promise<Reading> {
  const form = new FormData();
  form.append('file', isFile(source) ? await whole(source) : await lossless(source), name);
  if (code !== '') {
    form.append('patient', code);
  }
  signal.throwIfAborted();
  const wanted = frame == null ? '' : `&frame=${frame}`;
  const address = `/api/v1/predict?include=picture&lang=${language()}${wanted}`;
  const reply = await ask(address, { method: 'POST', headers: ownHeaders(), body: form, signal });
  const { labels } = await bundle();
  signal.throwIfAborted();
  const { picture, case: kept, ...answer } = understood(reply, (json) => readAnswer(json, labels));
  if (frame != null && answer.frame !== frame) {
    throw new ClinicError('another frame than was asked for');
  }
  if (kept?.error) {
    unkept = kept.error.message;
  }
  const reading = readingOf(answer, 'clinic', labels, jpeg(picture));
  return kept?.id ? { ...reading, logged: { id: kept.id, code } } : reading;
}

/** Writes the patient's code to a case of the clinic's log; one that was deleted there has none. */
export async function writeCode(id: string, code: string): Promise<void> {
  const reply = await ask(`/api/v1/cases/${encodeURIComponent(id)}?lang=${language()}`, {
    method: 'PATCH',
    headers: { ...ownHeaders(), 'Content-Type': 'application/json' },
    body: JSON.stringify({ patient: code }),
    // Also from a page that is being left; the codes that wait in line are not held up.
    keepalive: true,
    signal: AbortSignal.timeout(PATIENCE),
  });
  try {
    understood(reply, (json) => {
      readCode(json, code);
    });
  } catch (error) {
    if (!(error instanceof ClinicRefusal && error.code === 'cases_unknown')) {
      throw error;
    }
  }
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

async function ask(address: string, request: RequestInit): Promise<Reply> {
  try {
    const response = await fetch(address, request);
    return { ok: response.ok, json: await response.text() };
  } catch {
    throw new ClinicError('unreachable');
  }
}

/** What another device says is shown to a clinician only where it is an answer throughout. */
function understood<Told>({ ok, json }: Reply, read: (json: string) => Told): Told {
  let refusal: Refusal;
  try {
    if (ok) {
      return read(json);
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
