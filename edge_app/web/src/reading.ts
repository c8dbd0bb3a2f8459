/** One slice that was read: what is shown, kept and printed. */

import { browserFile, type Bundle, type Label, type Thresholds } from './bundle';
import type { Judgement } from './classifier';
import { language, say, type Key } from './language';
import type { Place } from './settings';
import { NO_TUMOUR } from './verdict';
import type { Answer } from './worker';

export interface Reading extends Judgement {
  id: string;
  /** Milliseconds since 1970. */
  time: number;
  name: string;
  place: Place;
  machine: string;
  runtime: string;
  milliseconds: { decode: number; preprocess: number; infer: number };
  model: { name: string; version: string; file: string; sha256: string };
  thresholds: Thresholds;
  labels: Label[];
  /** JPEG. */
  picture: Blob;
  /** PNG of the picture's size, orange where the heat is. */
  heat: Blob | null;
  note: string;
}

const HEAT_COLOUR = [255, 140, 0] as const;

/** What every reading has from the start. */
export function fresh(name: string): Pick<Reading, 'id' | 'time' | 'name' | 'note'> {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return { id: `${Date.now()}-${random.join('-')}`, time: Date.now(), name, note: '' };
}

/** Makes a reading of an answer of this phone. */
export async function fromPhone(name: string, answer: Answer, bundle: Bundle): Promise<Reading> {
  const { picture, heat, ...judgement } = answer;
  const file = browserFile(bundle);
  const reading: Reading = {
    ...fresh(name),
    ...judgement,
    place: 'phone',
    machine: '',
    runtime: 'LiteRT.js',
    model: { name: bundle.name, version: bundle.version, file: file.path, sha256: file.sha256 },
    thresholds: bundle.thresholds,
    labels: bundle.labels,
    picture: await toBlob(picture.width, picture.height, 'image/jpeg', (context) => {
      context.drawImage(picture, 0, 0);
    }),
    heat:
      heat &&
      (await toBlob(heat.width, heat.height, 'image/png', (context) => {
        context.putImageData(tint(heat.values, heat.width, heat.height), 0, 0);
      })),
  };
  picture.close();
  return reading;
}

function tint(heat: Float32Array, width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  const [red, green, blue] = HEAT_COLOUR;
  for (let index = 0, place = 0; index < heat.length; index++, place += 4) {
    image.data[place] = red;
    image.data[place + 1] = green;
    image.data[place + 2] = blue;
    image.data[place + 3] = 255 * heat[index]!;
  }
  return image;
}

async function toBlob(
  width: number,
  height: number,
  type: string,
  draw: (context: CanvasRenderingContext2D) => void,
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  draw(canvas.getContext('2d')!);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, type, 0.9);
  });
  canvas.width = 0;
  if (!blob) {
    throw new Error('the picture could not be drawn');
  }
  return blob;
}

/** What a label is called in the chosen language. */
export function labelName(reading: Reading, name: string): string {
  // Bundles say "No tumour", which is more than a model of three tumours can tell.
  if (name === NO_TUMOUR) {
    return say(`label.${NO_TUMOUR}`);
  }
  return reading.labels.find((label) => label.name === name)?.[language()] ?? name;
}

/** The answer in a few words. */
export function headline(reading: Reading): string {
  if (reading.label === null) {
    return say('verdict.refused');
  }
  const key = reading.verdict === 'unsure' ? 'verdict.unsure' : 'verdict.answer';
  if (reading.label === NO_TUMOUR) {
    return say(`${key}.${NO_TUMOUR}`);
  }
  return say(key, { label: labelName(reading, reading.label) });
}

/** The answer in the fewest words, for lists. */
export function shortHeadline(reading: Reading): string {
  if (reading.label === null) {
    return say('verdict.refused');
  }
  const name = labelName(reading, reading.label);
  return reading.verdict === 'unsure' ? `${say('verdict.name.unsure')}: ${name}` : name;
}

/** What Otak doesn't look for, where the answer could be taken for a healthy brain. */
export function limitations({ label }: Reading): string[] {
  return label === NO_TUMOUR ? [say(`limitation.${NO_TUMOUR}`)] : [];
}

/** What to do next. */
export function advice({ verdict, label }: Reading): string {
  const kind = verdict === 'answer' ? (label === NO_TUMOUR ? 'no_tumour' : 'tumour') : verdict;
  return say(`next.${kind}`);
}

/** A sentence for each reason. */
export function reasons(reading: Reading): string[] {
  return reading.reasons.map((reason) => say(`reason.${reason}` as Key));
}

/** Whole percent, which never claim to be certain. */
export function percent(probability: number): string {
  if (probability < 0.01) {
    return '<1%';
  }
  return probability > 0.99 ? '>99%' : `${Math.round(100 * probability)}%`;
}

/** Milliseconds without decimals, which each language would write its own way. */
export function whole(milliseconds: number): string {
  return milliseconds < 1 ? '<1' : milliseconds.toFixed(0);
}

/** Date and time as the chosen language writes them. */
export function date(time: number): string {
  const format = { dateStyle: 'medium', timeStyle: 'short' } as const;
  return new Date(time).toLocaleString(language() === 'id' ? 'id-ID' : 'en-GB', format);
}
