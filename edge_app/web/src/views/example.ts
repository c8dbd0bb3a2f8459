/** Drawings to try Otak with, for who has no picture at hand; on screen they are always called so. */

import { KINDS, phantomPixels, type Kind } from '../readings/phantom';
import { h } from '../shared/dom';
import { say, type Key } from '../shared/language';
import { capital } from './wording';

const THUMBNAIL = 72; // pixels

const drawn = new Map<Kind, ImageData>();

/**
 * @param tryOut Called with the drawing that was chosen.
 */
export function exampleCard(tryOut: (kind: Kind) => void): HTMLElement {
  return h(
    'section',
    { class: 'card no-print', id: 'examples' },
    h('h2', {}, say('app.example')),
    h('p', { class: 'note' }, say('app.example.text')),
    h(
      'div',
      { class: 'examples' },
      ...KINDS.map((kind) =>
        h(
          'button',
          {
            type: 'button',
            class: 'plain',
            click: () => {
              tryOut(kind);
            },
          },
          thumbnail(kind),
          capital(kindName(kind)),
        ),
      ),
    ),
  );
}

/** What a drawing is called in place of a file's name. */
export function exampleName(kind: Kind): string {
  return say('app.example.name', { kind: kindName(kind) });
}

/** That what is shown is a drawing; on paper too. */
export function exampleNotice(): HTMLElement {
  return h('p', { class: 'card notice', id: 'drawn' }, say('app.example.notice'));
}

function kindName(kind: Kind): string {
  return say(kind === 'other' ? 'app.example.other' : (`label.${kind}` satisfies Key));
}

function thumbnail(kind: Kind): HTMLCanvasElement {
  const pixels = drawn.get(kind) ?? new ImageData(phantomPixels(THUMBNAIL, kind), THUMBNAIL);
  drawn.set(kind, pixels);
  const canvas = h('canvas', { width: THUMBNAIL, height: THUMBNAIL, 'aria-hidden': 'true' });
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return canvas;
}
