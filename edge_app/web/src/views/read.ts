/** The first section: choosing what is read, and what was read. */

import { aim, correct, note, readFiles, select } from '../app/actions';
import { state } from '../app/state';
import { MAX_MEGABYTES } from '../model/limits';
import { fromFile } from '../readings/slice';
import { place } from '../shared/choices';
import { button, h } from '../shared/dom';
import { say, sayAll, type Key } from '../shared/language';
import { hasCamera } from './camera';
import { resultView } from './result';
import { thumbnail } from './thumbnail';
import { shortHeadline } from './wording';

const ACCEPTED = 'image/*,application/dicom,.dcm';

export function readView(): HTMLElement[] {
  const { shown, taking, readings } = state;
  if (taking) {
    sayAll(taking);
    return [taking];
  }
  if (!shown) {
    return [captureCard()];
  }
  const result = resultView(shown, (text) => {
    note(shown, text);
  });
  return [...(readings.length > 1 ? [strip()] : []), result, captureCard()];
}

/** What was read together, to choose from. */
function strip(): HTMLElement {
  const thumbs = state.readings.map((reading) =>
    h(
      'button',
      {
        type: 'button',
        'aria-pressed': String(reading === state.shown),
        click: () => {
          select(reading);
        },
      },
      thumbnail(reading),
      h('span', {}, shortHeadline(reading)),
    ),
  );
  return h('div', { class: 'strip no-print', role: 'group', 'aria-label': say('app.slices') }, ...thumbs);
}

function captureCard(): HTMLElement {
  const again = state.shown !== undefined;
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
        : picker('camera', 'app.take', { capture: 'environment', change: photographed }),
      picker('file', 'app.choose', { multiple: true, change: chosen }),
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

function photographed(event: Event): void {
  const [photo] = taken(event);
  if (photo) {
    correct(fromFile(photo));
  }
}

function chosen(event: Event): void {
  readFiles(taken(event));
}

/** The files of an input, which is emptied, so that the same ones can be chosen again. */
function taken(event: Event): File[] {
  const input = event.target as HTMLInputElement;
  const files = [...(input.files ?? [])];
  input.value = '';
  return files;
}
