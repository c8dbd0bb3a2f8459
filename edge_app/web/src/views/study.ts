/** What is said of all slices of a case together. */

import { NO_TUMOUR } from '../model/verdict';
import type { StudyPrediction } from '../model/study';
import type { Case } from '../readings/case';
import { h } from '../shared/dom';
import { say } from '../shared/language';

/**
 * The answer of the study, where there is one, and what it doesn't say; the sentences are those of `otak predict
 * --study`.
 */
export function studyCard({ study, readings }: Case): HTMLElement | false {
  if (!study) {
    return false;
  }
  const labels = readings.map(({ label }) => label);
  return h(
    'section',
    { class: `card study ${kindOf(study)}` },
    h('h2', { id: 'study', tabindex: -1 }, studyHeadline(study)),
    h('p', { class: 'note' }, counts(study)),
    ...reservations(study, labels).map((text) => h('p', {}, text)),
  );
}

/** What to do next, which can wait until the picture was seen. */
export function studyAdvice({ study }: Case): HTMLElement | false {
  return (
    study !== null &&
    h('section', { class: 'card study-advice' }, h('h2', {}, say('page.next')), h('p', {}, next(study)))
  );
}

/** That not every slice was read, where the answer of the study doesn't say so. */
export function gapTexts({ cancelled, count, readings, study, unread, framesLeft }: Case): string[] {
  if (cancelled) {
    return [say('page.case.cancelled', { read: readings.length, count })];
  }
  return [
    ...(study === null && readings.length > 0 && unread > 0
      ? [say('study.incomplete', { count: unread })]
      : []),
    // Of a single one its answer names the frame.
    ...(framesLeft && readings.length > 1 ? [say('page.case.frames')] : []),
  ];
}

/** What is said of a study in a few words; never that it shows no tumour. */
export function studyHeadline(study: StudyPrediction): string {
  const { suspicious, answer, unsure } = study.counts;
  return say(`study.${kindOf(study)}`, { count: suspicious ?? 0, slices: answer + unsure });
}

/** A study's headline beside the answer to its most suspicious slice. */
export function studyInBrief(study: StudyPrediction): string {
  return kindOf(study) === 'uncalibrated' ? say('app.history.uncalibrated') : studyHeadline(study);
}

/**
 * All that belongs to a study's headline: the counts, what isn't said by it, and what to do next.
 *
 * @param labels Of the slices that were read.
 */
export function studyNotes(study: StudyPrediction, labels: readonly (string | null)[]): string[] {
  return [counts(study), ...reservations(study, labels), next(study)];
}

/** What isn't said by a study's headline. */
function reservations(study: StudyPrediction, labels: readonly (string | null)[]): string[] {
  const leftOut = study.counts.refused + study.counts.unreadable;
  return [
    ...(leftOut > 0 ? [say('study.incomplete', { count: leftOut })] : []),
    ...(study.suspicious === false || labels.includes(NO_TUMOUR) ? [say(`limitation.${NO_TUMOUR}`)] : []),
  ];
}

function counts({ counts: { suspicious, ...counts } }: StudyPrediction): string {
  return say('study.counts', counts);
}

function next(study: StudyPrediction): string {
  return say(`study.next.${kindOf(study)}`);
}

type Kind = 'unjudged' | 'uncalibrated' | 'suspicious' | 'few' | 'inconspicuous';

function kindOf({ suspicious, counts }: StudyPrediction): Kind {
  if (counts.answer + counts.unsure === 0) {
    return 'unjudged';
  }
  if (counts.suspicious === null) {
    return 'uncalibrated';
  }
  if (suspicious) {
    return 'suspicious';
  }
  // Fewer slices than the rule wants: the study isn't suspicious, and yet they must be seen.
  return counts.suspicious > 0 ? 'few' : 'inconspicuous';
}
