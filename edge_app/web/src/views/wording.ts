/** The twin of `edge_app/wording.py`: what clinicians read of an answer. */

import { NO_TUMOUR } from '../model/verdict';
import type { Reading } from '../readings/reading';
import { language, say, type Key } from '../shared/language';

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

/** Which frame of the file was read, where it has more than one. */
export function origin({ frame = 0, frames = 1 }: Reading): string[] {
  return frames === 1 ? [] : [say('frame', { frame: frame + 1, frames })];
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
