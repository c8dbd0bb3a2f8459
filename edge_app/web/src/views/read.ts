/** The first section: choosing what is read, and what was read. */

import { MAX_MEGABYTES } from '../model/limits';
import type { Case } from '../readings/case';
import type { Reading } from '../readings/reading';
import { fromFile, type Slice } from '../readings/slice';
import { place } from '../shared/choices';
import { button, h } from '../shared/dom';
import { say, sayAll, type Key } from '../shared/language';
import { hasCamera } from './camera';
import { failuresCard, gaps, progressCard, strip } from './case';
import { resultView } from './result';

const ACCEPTED = 'image/*,application/dicom,.dcm';

/** What is shown of a case. */
export interface Shown {
  opened: Case | undefined;
  shown: Reading | undefined;
  /** The camera, or a photograph that is being straightened. */
  taking: HTMLElement | undefined;
}

/** What can be done here. */
export interface ReadActions {
  aim: () => void;
  correct: (photo: Slice) => void;
  readFiles: (files: Iterable<File>) => void;
  readElsewhere: (slices: Slice[]) => void;
  cancel: () => void;
  select: (reading: Reading) => void;
  note: (opened: Case, text: string) => void;
}

export function readView({ opened, shown, taking }: Shown, actions: ReadActions): HTMLElement[] {
  if (taking) {
    sayAll(taking);
    return [taking];
  }
  if (!opened) {
    return [captureCard(false, actions)];
  }
  if (!opened.ended) {
    return [progressCard(opened, actions.cancel), captureCard(true, actions)];
  }
  const { readings } = opened;
  const parts = [
    gaps(opened),
    shown && readings.length > 1 && strip(readings, shown, actions.select),
    shown && h('p', { class: 'note no-print name' }, shown.name),
    shown &&
      resultView(shown, opened.note, (text) => {
        actions.note(opened, text);
      }),
    failuresCard(opened, actions.readElsewhere),
    captureCard(shown !== undefined, actions),
  ];
  return parts.filter((part) => part !== false && part !== undefined);
}

/**
 * @param again Whether something was read before.
 */
function captureCard(again: boolean, { aim, correct, readFiles }: ReadActions): HTMLElement {
  const kinds = say('app.kinds');
  return h(
    'section',
    { class: 'card capture no-print' },
    again
      ? h('h2', {}, say('page.again'))
      : h('h1', { id: 'headline', tabindex: -1 }, say('page.empty.title')),
    !again && h('p', {}, say('page.empty.text')),
    h(
      'div',
      { class: 'actions' },
      hasCamera()
        ? button(say('app.take'), aim)
        : picker('camera', 'app.take', {
            capture: 'environment',
            change: (event) => {
              const [photo] = taken(event);
              if (photo) {
                correct(fromFile(photo));
              }
            },
          }),
      picker('file', 'app.choose', {
        multiple: true,
        change: (event) => {
          readFiles(taken(event));
        },
      }),
    ),
    h(
      'p',
      { class: 'note' },
      say('page.camera.hint'),
      '. ',
      say('app.drop', { kinds, limit: MAX_MEGABYTES }),
      '.',
    ),
    h('p', { class: 'note' }, say(`app.privacy.${place()}`)),
    !window.isSecureContext && h('p', { class: 'note' }, say('app.insecure')),
  );
}

function picker(id: string, key: Key, attributes: Parameters<typeof h>[1]): HTMLElement {
  return h(
    'label',
    { class: 'picker', for: id },
    h('input', { id, type: 'file', accept: ACCEPTED, ...attributes }),
    say(key),
  );
}

/** The files of an input, which is emptied, so that the same ones can be chosen again. */
function taken(event: Event): File[] {
  const input = event.target as HTMLInputElement;
  const files = [...(input.files ?? [])];
  input.value = '';
  return files;
}
