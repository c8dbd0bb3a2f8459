/** The clinic's device: the server that this page came from. */

import { fetchBundle } from './bundle';
import type { Judgement } from './classifier';
import { language } from './language';
import { fresh, type Reading } from './reading';

/** The clinic's device can't be reached. */
export class ClinicError extends Error {}

/** The clinic's device didn't like the picture; its sentence is in the chosen language. */
export class ClinicRefusal extends Error {}

interface Shown extends Judgement {
  milliseconds: Reading['milliseconds'];
  model: Omit<Reading['model'], 'sha256'>;
  shown: { picture: string; heatmap: string | null; sha256: string; machine: string; runtime: string };
}

/** Sends a picture to the clinic's device; what is aborted is sent no further. */
export async function readThere(file: File, signal: AbortSignal): Promise<Reading> {
  const form = new FormData();
  form.append('file', file);
  const { verdict, label, probabilities, reasons, milliseconds, model, shown } = await post(form, signal);
  const { labels, thresholds } = await fetchBundle();
  return {
    ...fresh(file.name),
    ...{ verdict, label, probabilities, reasons, milliseconds, labels, thresholds },
    place: 'clinic',
    machine: shown.machine,
    runtime: shown.runtime,
    model: { ...model, sha256: shown.sha256 },
    picture: toBlob(shown.picture, 'image/jpeg'),
    heat: shown.heatmap === null ? null : toBlob(shown.heatmap, 'image/png'),
  };
}

async function post(form: FormData, signal: AbortSignal): Promise<Shown> {
  let answer: Shown | { error: { message: string } };
  try {
    const response = await fetch(`/api/v1/predict?shown=1&lang=${language()}`, {
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

function toBlob(base64: string, type: string): Blob {
  return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type });
}
