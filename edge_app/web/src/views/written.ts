/** What the user writes about a case: the code by which the clinic knows it, and a note. */

import type { Case } from '../readings/case';
import type { Written } from '../readings/kept';
import { isLogged } from '../readings/log';
import { h } from '../shared/dom';
import { say } from '../shared/language';

const MAX_CODE = 40; // characters
const MAX_NOTE = 1000; // characters: what fits on the paper

export interface WritingActions {
  /** Keeps what is typed while it is typed; the line tells where that fails. */
  write: (opened: Case, written: Partial<Written>, line: HTMLElement) => void;
  /** Called when a field is left. */
  settle: (opened: Case, field: keyof Written, line: HTMLElement) => Promise<void>;
}

/** Code and note of a case. */
export function writtenCard(opened: Case, { write, settle }: WritingActions): HTMLElement {
  const line = h('div', { class: 'trouble', 'data-own': true });
  const code = h('input', {
    id: 'code',
    class: 'line',
    type: 'text',
    maxlength: MAX_CODE,
    autocomplete: 'off',
    autocapitalize: 'characters',
    spellcheck: 'false',
    'aria-describedby': 'code-hint',
    input: () => {
      write(opened, { patientCode: code.value.trim() }, line);
    },
    change: () => void settle(opened, 'patientCode', line),
  });
  code.value = opened.patientCode;
  const note = h('textarea', {
    id: 'note',
    rows: 2,
    maxlength: MAX_NOTE,
    'aria-describedby': 'note-hint',
    input: () => {
      write(opened, { note: note.value }, line);
    },
    change: () => void settle(opened, 'note', line),
  });
  note.value = opened.note;
  return h(
    'section',
    { class: 'card written no-print' },
    h('label', { for: 'code' }, say('page.code')),
    code,
    h(
      'p',
      { id: 'code-hint', class: 'note' },
      say(isLogged(opened) ? 'page.code.hint.clinic' : 'page.code.hint'),
    ),
    h('label', { for: 'note' }, say('app.note')),
    note,
    h('p', { id: 'note-hint', class: 'note' }, say('app.note.hint')),
    line,
  );
}
