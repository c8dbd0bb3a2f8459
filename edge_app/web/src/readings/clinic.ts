/** The clinic's device: the server that this page came from. */

import { language } from '../shared/language';
import { bundle } from '../model/bundle';
import type { Answer } from './answer';
import { readingOf, type Reading } from './reading';
import { encode, type Slice } from './slice';

/** The clinic's device can't be reached. */
export class ClinicError extends Error {}

/** The clinic's device didn't like the picture; its sentence is in the chosen language. */
export class ClinicRefusal extends Error {}

/** An answer, and the base64 of a JPEG of the decoded picture: a browser can't open every file. */
type AnswerWithPicture = Answer & { picture: string };

/** Sends a picture to the clinic's device; what is aborted is sent no further. */
export async function readThere({ name, source }: Slice, signal: AbortSignal): Promise<Reading> {
  const form = new FormData();
  form.append('file', source instanceof Blob ? source : await lossless(source), name);
  const { picture, ...answer } = await post(form, signal);
  const { labels } = await bundle();
  return readingOf(answer, 'clinic', labels, jpeg(picture));
}

async function lossless(pixels: ImageData): Promise<Blob> {
  return encode(pixels, 'image/png', (context) => {
    context.putImageData(pixels, 0, 0);
  });
}

async function post(form: FormData, signal: AbortSignal): Promise<AnswerWithPicture> {
  let answer: AnswerWithPicture | { error: { message: string } };
  try {
    const response = await fetch(`/api/v1/predict?include=picture&lang=${language()}`, {
      method: 'POST',
      body: form,
      signal,
    });
    answer = (await response.json()) as typeof answer;
  } catch {
    throw new ClinicError('unreachable');
  }
  if ('error' in answer) {
    throw new ClinicRefusal(answer.error.message);
  }
  return answer;
}

function jpeg(base64: string): Blob {
  return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: 'image/jpeg' });
}
