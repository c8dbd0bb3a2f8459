/** What is said of all slices of a case together, and the code by which a clinic knows the case. */

import { NO_TUMOUR } from '../model/verdict';
import type { StudyPrediction } from '../model/study';
import type { Case } from '../readings/case';
import { h } from '../shared/dom';
import { say } from '../shared/language';

const MAX_CODE = 40; // characters

/** The answer of the study, where there is one; the sentences are those of `otak predict --study`. */
export function studyCard({ study, readings }: Case): HTMLElement | false {
  if (!study) {
    return false;
  }
  const labels = readings.map(({ label }) => label);
  return h(
    'section',
    { class: `card study ${kindOf(study)}` },
    h('h2', { id: 'study', tabindex: -1 }, studyHeadline(study)),
    ...studyNotes(study, labels).map((text) => h('p', {}, text)),
  );
}

/** What is said of a study in a few words; never that it shows no tumour. */
export function studyHeadline(study: StudyPrediction): string {
  const { suspicious, answer, unsure } = study.counts;
  return say(`study.${kindOf(study)}`, { count: suspicious ?? 0, slices: answer + unsure });
}

/**
 * What belongs to a study's headline: the counts, what isn't said by it, and what to do next.
 *
 * @param labels Of the slices that were read.
 */
export function studyNotes(study: StudyPrediction, labels: readonly (string | null)[]): string[] {
  const { suspicious, ...counts } = study.counts;
  const leftOut = counts.refused + counts.unreadable;
  return [
    say('study.counts', counts),
    ...(leftOut > 0 ? [say('study.incomplete', { count: leftOut })] : []),
    ...(study.suspicious === false || labels.includes(NO_TUMOUR) ? [say(`limitation.${NO_TUMOUR}`)] : []),
    say(`study.next.${kindOf(study)}`),
  ];
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

/**
 * A short text that tells the case apart.
 *
 * @param code Called with what was written.
 */
export function codeCard(opened: Case, code: (text: string) => void): HTMLElement {
  const field = h('input', {
    id: 'code',
    type: 'text',
    maxlength: MAX_CODE,
    autocomplete: 'off',
    autocapitalize: 'characters',
    spellcheck: 'false',
    'aria-describedby': 'code-hint',
    // What is drawn meanwhile shows it too.
    input: () => {
      opened.patientCode = field.value;
    },
    change: () => {
      code(field.value.trim());
    },
  });
  field.value = opened.patientCode;
  return h(
    'section',
    { class: 'card code no-print' },
    h('label', { for: 'code' }, say('page.code')),
    field,
    h('p', { id: 'code-hint', class: 'note' }, say('page.code.hint')),
  );
}
