/** A case on the page: while it is read, to choose from when it is read, and what could not be read. */

import type { Case } from '../readings/case';
import type { Failure } from '../readings/failure';
import { PLACES, type Place } from '../shared/choices';
import { button, h } from '../shared/dom';
import { say } from '../shared/language';
import { pinForm } from './sign_in';
import { gapTexts } from './study';
import { thumbnail } from './thumbnail';
import { frameName, shortHeadline } from './wording';

/** A case that is being read: how far it is, its slices, and the way to stop. */
export function progressCard(opened: Case, cancel: () => void): HTMLElement {
  const { slices } = opened;
  return h(
    'section',
    { class: 'card', id: 'case' },
    h('h1', { id: 'headline', tabindex: -1 }, progressText(opened)),
    h('progress', {
      // Without a value it tells no more than that something goes on.
      ...(!opened.searching && { max: slices.length, value: opened.outcomes.length }),
      'aria-label': say('page.case.progress.label'),
    }),
    h(
      'ol',
      { class: 'strip', tabindex: 0, 'aria-label': say('page.case.slices') },
      ...slices.map((_, place) => tile(opened, place)),
    ),
    h('div', { class: 'actions' }, button(say('page.case.cancel'), cancel, 'plain')),
  );
}

/** Shows how far a case is, where its card is on the page. */
export function showProgress(opened: Case): void {
  const card = document.getElementById('case');
  const strip = card?.querySelector('.strip');
  if (!card || !strip) {
    return;
  }
  const done = opened.outcomes.length;
  card.querySelector('h1')!.textContent = progressText(opened);
  card.querySelector('progress')!.value = done;
  if (done > 0) {
    const current = tile(opened, done - 1);
    strip.children[done - 1]!.replaceWith(current);
    strip.scrollLeft = current.offsetLeft - strip.clientWidth / 2;
  }
}

function progressText({ outcomes, slices, searching }: Case): string {
  if (searching) {
    return say('page.case.searching');
  }
  return say('page.case.progress', { done: outcomes.length, count: slices.length });
}

function tile({ outcomes, slices }: Case, place: number): HTMLElement {
  const outcome = outcomes[place];
  const reading = outcome && 'reading' in outcome ? outcome.reading : undefined;
  const { name: file, frame = null } = slices[place]!;
  const name = frameName(file, frame);
  return h(
    'li',
    {},
    reading ? thumbnail(reading) : h('span', { class: 'blank' }, String(place + 1)),
    reading && h('span', {}, shortHeadline(reading)),
    outcome && !reading && h('span', {}, say('page.case.unread')),
    h('span', { class: 'file', title: name }, name),
  );
}

/** That not all slices were read, where that is so; of a single one, its failure says enough. */
export function gaps(opened: Case): HTMLElement | false {
  const texts = gapTexts(opened);
  return texts.length > 0 && h('div', { class: 'card notice' }, ...texts.map((text) => h('p', {}, text)));
}

/**
 * What could not be read, and why.
 *
 * @param readAgain Called with what may be read at a place.
 */
export function failuresCard(
  opened: Case,
  readAgain: (opened: Case, failures: readonly Failure[], where: Place) => void,
): HTMLElement | false {
  const { slices, failures, drawn } = opened;
  if (failures.length === 0) {
    return false;
  }
  const again = (found: readonly Failure[], where: Place): void => {
    readAgain(opened, found, where);
  };
  const barred = failures.filter((failure) => failure.signIn);
  // A drawing would be kept on the clinic's device.
  const places = drawn ? (['phone'] as const) : PLACES;
  const heading =
    slices.length === 1 ? say('page.error') : say('page.case.failed', { count: failures.length });
  return h(
    'section',
    { class: 'card alert no-print', role: 'alert', id: 'trouble', tabindex: -1 },
    h('h2', {}, heading),
    h('ul', { class: 'failures' }, ...reasons(failures).map((text) => h('li', {}, text))),
    barred.length > 0 &&
      pinForm(() => {
        again(barred, 'clinic');
      }),
    h('div', { class: 'actions' }, ...places.map((where) => remedy(failures, where, again))),
  );
}

function remedy(
  failures: readonly Failure[],
  where: Place,
  again: (failures: readonly Failure[], where: Place) => void,
): HTMLElement | false {
  const movable = failures.filter(({ places }) => places.includes(where));
  const same = movable.every(({ tried }) => tried === where);
  const text = same ? 'app.failed.again' : where === 'phone' ? 'app.failed.here' : 'app.phone.failed.button';
  return (
    movable.length > 0 &&
    button(
      say(text),
      () => {
        again(movable, where);
      },
      same ? 'plain' : '',
    )
  );
}

/** A sentence for each slice; what is the same for several, such as a phone that fails, once with their names. */
function reasons(failures: readonly Failure[]): string[] {
  const names = new Map<string, string[]>();
  for (const { slice, text } of failures) {
    names.set(text(), [...(names.get(text()) ?? []), slice.name]);
  }
  return [...names].map(([text, found]) =>
    found.every((name) => text.includes(name)) ? text : `${found.join(', ')}: ${text}`,
  );
}
