/** The first section: choosing what is read, and what was read. */

import { MAX_MEGABYTES } from '../model/limits';
import type { Case } from '../readings/case';
import type { Failure } from '../readings/failure';
import type { Kind } from '../readings/phantom';
import type { Reading } from '../readings/reading';
import { picked, type Chosen } from '../readings/chosen';
import { fromFile, type Slice } from '../readings/slice';
import type { Place } from '../shared/choices';
import { button, h } from '../shared/dom';
import { say, sayAll, type Key } from '../shared/language';
import { hasCamera } from './camera';
import { failuresCard, gaps, progressCard } from './case';
import { exampleCard, exampleNotice } from './example';
import { framesCard, legend, markFrame, pages } from './frames';
import { isKept, keepCard } from './keep';
import { privacy } from './privacy';
import { reportCard } from './report/card';
import { renewResult, resultView } from './result';
import { markTile, strip } from './strip';
import { studyAdvice, studyCard } from './study';
import { sliceName } from './wording';
import { writtenCard, type WritingActions } from './written';

const ACCEPTED = 'image/*,application/dicom,.dcm,application/zip,.zip';

const SETTLED = 300; // milliseconds

/** What is shown of a case. */
export interface Shown {
  opened: Case | undefined;
  shown: Reading | undefined;
  /** The camera, or a photograph that is being straightened. */
  taking: HTMLElement | undefined;
}

/** What can be done here. */
export interface ReadActions extends WritingActions {
  aim: () => void;
  correct: (photo: Slice) => void;
  readChosen: (chosen: Chosen) => void;
  readAgain: (opened: Case, failures: readonly Failure[], where: Place) => void;
  tryOut: (kind: Kind) => void;
  cancel: () => void;
  select: (reading: Reading) => void;
}

export function readView({ opened, shown, taking }: Shown, actions: ReadActions): HTMLElement[] {
  if (taking) {
    sayAll(taking);
    return [taking];
  }
  if (!opened) {
    return [captureCard(false, actions), exampleCard(actions.tryOut), ...(isKept() ? [] : [keepCard()])];
  }
  if (!opened.ended) {
    return [progressCard(opened, actions.cancel), captureCard(true, actions)];
  }
  const parts = [
    opened.drawn && exampleNotice(),
    gaps(opened),
    studyCard(opened),
    ...(shown ? slicesOf(opened, shown, actions) : [studyAdvice(opened)]),
    shown && !opened.drawn && writtenCard(opened, actions),
    shown && !opened.drawn && reportCard(opened),
    failuresCard(opened, actions.readAgain),
    captureCard(shown !== undefined, actions),
  ];
  return parts.filter((part) => part !== false && part !== undefined);
}

/** The slice that is shown, and the ways to the others. */
function slicesOf(opened: Case, shown: Reading, actions: ReadActions): HTMLElement[] {
  if (opened.readings.length < 2) {
    // Of several the slider says which it is.
    const name = h('p', { class: 'note no-print name' }, sliceName(shown));
    return [name, resultView(shown, opened)];
  }
  const tiles = strip(opened, shown, (reading) => {
    actions.select(reading);
    document.querySelector('.panes')?.scrollIntoView({ block: 'nearest' });
  });
  const choices = h('div', { class: 'choices' }, legend(opened), tiles, studyAdvice(opened));
  const slider = framesCard(opened, shown, actions.select);
  const paged = h('div', { class: 'paged' }, slider, resultView(shown, opened, choices));
  return [pages(paged, opened, actions.select)];
}

/** Shows another slice of the case that is on the page; all else stays as it is. */
export function showSlice(opened: Case, shown: Reading): void {
  const view = document.querySelector<HTMLElement>('.result');
  const choices = view?.querySelector<HTMLElement>('.choices');
  if (view && choices) {
    // Pictures are drawn a moment later; what is below stays where it is.
    view.style.minHeight = `${view.offsetHeight}px`;
    renewResult(view, choices, shown, opened);
    markFrame(opened, shown);
    markTile(shown);
    clearTimeout(settling);
    settling = setTimeout(() => {
      view.style.minHeight = '';
    }, SETTLED);
  }
}

let settling: ReturnType<typeof setTimeout> | undefined;

/**
 * @param again Whether something was read before.
 */
function captureCard(again: boolean, { aim, correct, readChosen }: ReadActions): HTMLElement {
  const kinds = say('app.kinds');
  const choose = (files: File[]): void => {
    // A dialog that was left chose nothing.
    if (files.length > 0) {
      readChosen(picked(files));
    }
  };
  return h(
    'section',
    { class: again ? 'card capture again no-print' : 'card capture no-print' },
    again
      ? h('h2', {}, say('page.again'))
      : h('h1', { id: 'headline', tabindex: -1 }, say('page.empty.title')),
    !again && h('p', {}, say('page.empty.text')),
    h(
      'div',
      again ? { class: 'actions', role: 'group', 'aria-label': say('page.again') } : { class: 'actions' },
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
          choose(taken(event));
        },
      }),
      hasFolders() &&
        picker('folder', 'page.folder', {
          webkitdirectory: true,
          accept: undefined,
          change: (event) => {
            choose(taken(event));
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
    h('p', { class: 'note desk-only' }, say('app.drop.desk')),
    privacy(),
    !window.isSecureContext && h('p', { class: 'note' }, say('app.insecure')),
  );
}

function hasFolders(): boolean {
  return 'webkitdirectory' in HTMLInputElement.prototype;
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
