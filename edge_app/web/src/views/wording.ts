/** The twin of `edge_app/wording.py`: what clinicians read of an answer. */

import { NO_TUMOUR } from '../model/verdict';
import type { Summary } from '../readings/kept';
import type { Reading } from '../readings/reading';
import { isKey, language, say, type Key } from '../shared/language';

/** What a label is called inside a sentence of the chosen language. */
export function labelName(reading: Summary, name: string): string {
  // Bundles say "No tumour", which is more than a model of three tumours can tell.
  const key = `label.${name}`;
  return isKey(key) ? say(key) : (reading.labels.find((label) => label.name === name)?.[language()] ?? name);
}

/** A text as it begins a line. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The answer in a few words. */
export function headline(reading: Summary): string {
  if (reading.verdict === 'unsure') {
    return say('verdict.unsure');
  }
  if (reading.label === null) {
    return say('verdict.refused');
  }
  return reading.label === NO_TUMOUR
    ? say(`verdict.answer.${NO_TUMOUR}`)
    : capital(labelName(reading, reading.label));
}

/** The answer in the fewest words, for lists. */
export function shortHeadline(reading: Summary): string {
  const { label, verdict } = reading;
  if (label !== null && verdict === 'answer') {
    return capital(labelName(reading, label));
  }
  if (label !== null && verdict === 'unsure' && label !== NO_TUMOUR) {
    return say('verdict.unsure.short', { label: labelName(reading, label) });
  }
  return headline(reading);
}

/** The percentage that stands beside the headline; empty where there is no answer. */
export function certainty({ verdict, label, probabilities }: Summary): string {
  return label !== null && verdict === 'answer' ? percent(probabilities[label] ?? 0) : '';
}

/** What is most probable where that is no answer. */
export function guess(reading: Reading): string[] {
  const { label, verdict, probabilities } = reading;
  if (label === null || verdict !== 'unsure') {
    return [];
  }
  const likely = percent(probabilities[label] ?? 0);
  return [say('verdict.guess', { label: labelName(reading, label), percent: likely })];
}

/** What a slice is called: its file, and which frame of it, counted from 1 as viewers do. */
export function frameName(name: string, frame: number | null): string {
  return frame === null ? name : say('study.frame', { name, frame: frame + 1 });
}

export function sliceName({ name, frame = 0, frames = 1 }: Reading): string {
  return frameName(name, frames === 1 ? null : frame);
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

/** A count as the chosen language writes it. */
export function figure(count: number): string {
  return count.toLocaleString(locale());
}

/** Date and time as the chosen language writes them. */
export function date(time: number): string {
  return new Date(time).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' });
}

/** A day as the chosen language writes it; it is the same one everywhere. */
export function day(iso: string): string {
  return new Date(iso).toLocaleDateString(locale(), { dateStyle: 'long', timeZone: 'UTC' });
}

function locale(): string {
  return language() === 'id' ? 'id-ID' : 'en-GB';
}
