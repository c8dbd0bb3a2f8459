/** The fourth section: what Otak's model has seen, how often it is wrong, and what it does not know. */

import { fetchAbout, type About, type Figure, type Part } from '../model/about';
import { bundle, defaultFile, type Bundle } from '../model/bundle';
import type { Case } from '../readings/case';
import type { Measurement } from '../readings/measurement';
import { h } from '../shared/dom';
import { isKey, language, say } from '../shared/language';
import { measureCard, type MeasureActions } from './measure';
import { day, figure, percent } from './wording';

/** What is known of the model. */
export interface Told {
  bundle: Bundle;
  /** Nothing where the bundle is older than such descriptions. */
  about: About | undefined;
}

/** Looks up what is known of the model; nothing where the bundle is broken or out of reach. */
export async function lookUpModel(): Promise<Told | undefined> {
  try {
    const found = await bundle();
    return { bundle: found, about: await fetchAbout(found) };
  } catch {
    return undefined;
  }
}

export interface AboutShown {
  told: Told | undefined;
  opened: Case | undefined;
  measurement: Measurement | undefined;
}

export function aboutView({ told, opened, measurement }: AboutShown, actions: MeasureActions): HTMLElement[] {
  const about = told?.about;
  const busy = opened !== undefined && !opened.ended;
  const parts = [
    card(
      h('h1', {}, say('about.title')),
      h('p', {}, say('about.what')),
      told && !about && h('p', {}, say('about.missing')),
      !told && h('p', {}, say('app.bundle.broken')),
    ),
    about && seenCard(about, told.bundle),
    about && wrongCard(about),
    unknownCard(about),
    told && modelCard(told),
    measureCard(measurement, busy, actions),
  ];
  return parts.filter((part) => part !== undefined);
}

function card(...children: Parameters<typeof h>[2][]): HTMLElement {
  return h('section', { class: 'card about' }, ...children);
}

function seenCard({ slices, collections, unseen_labels }: About, { labels }: Bundle): HTMLElement {
  const { train, validation, test } = slices;
  const counts = { train: figure(train), validation: figure(validation), test: figure(test) };
  const unseen = unseen_labels.map(
    (name) => labels.find((label) => label.name === name)?.[language()] ?? name,
  );
  return card(
    h('h2', {}, say('about.seen')),
    h('p', {}, say('about.seen.slices', counts)),
    collections.length > 0 && h('p', {}, say('about.seen.collections', { names: collections.join(', ') })),
    unseen.length > 0 && h('p', {}, say('about.seen.labels', { names: unseen.join(', ') })),
  );
}

function wrongCard({ measured }: About): HTMLElement {
  if (!measured) {
    return card(h('h2', {}, say('about.wrong')), h('p', {}, say('about.unmeasured')));
  }
  const { parts, sequences } = measured;
  return card(
    h('h2', {}, say('about.wrong')),
    h('p', {}, say('about.wrong.text')),
    h('ul', { class: 'parts' }, ...parts.map(partRow)),
    sequences.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, say('about.sequences')),
        h('ul', { class: 'parts' }, ...sequences.map(partRow)),
      ),
  );
}

function partRow(part: Part): HTMLElement {
  const { name, wrong, missed, found, cleared } = part;
  const key = `about.part.${name}`;
  const rest = [
    found && say('about.found', { ...counts(found), percent: shareOf(found) }),
    cleared && say('about.cleared', { ...counts(cleared), percent: shareOf(cleared) }),
    missed && say('about.missed', counts(missed)),
    say('about.part.slices', { slices: figure(part.slices), groups: figure(part.groups) }),
  ];
  return h(
    'li',
    {},
    h('strong', {}, isKey(key) ? say(key) : name),
    h('p', {}, wrong ? wrongText(wrong) : say('about.wrong.none')),
    h('p', { class: 'note' }, rest.filter((text) => text !== null).join(' ')),
  );
}

function wrongText(wrong: Figure): string {
  const { low, high } = wrong;
  const text = say('about.wrong.count', counts(wrong));
  // What was resampled without a wrong answer knows none.
  if (wrong.count === 0 || low === null || high === null) {
    return text;
  }
  const shares = { percent: shareOf(wrong), low: percent(low), high: percent(high) };
  return `${text} (${say('about.wrong.interval', shares)})`;
}

function counts({ count, of }: Figure): { count: string; of: string } {
  return { count: figure(count), of: figure(of) };
}

function shareOf({ count, of }: Figure): string {
  return percent(count / of);
}

function unknownCard(about: About | undefined): HTMLElement {
  const passed = about?.measured?.ct_passed;
  // What an older bundle doesn't say of itself holds for every model so far.
  const unknown = about?.unknown ?? ['children', 'treated', 'other_diseases', 'follow_up', 'other_pictures'];
  const texts = unknown.map((code) => {
    const text = say(`about.unknown.${code}`);
    return code === 'other_pictures' && passed ? `${text} ${say('about.unknown.ct', counts(passed))}` : text;
  });
  return card(
    h('h2', {}, say('about.unknown')),
    h('ul', { class: 'points' }, ...texts.map((text) => h('li', {}, text))),
  );
}

function licenceText(about: About | undefined): string {
  return about ? (about.licence ?? say('about.model.licence.unknown')) : say('licence');
}

function modelCard({ bundle, about }: Told): HTMLElement {
  const { path, sha256 } = defaultFile(bundle);
  const measured = about?.measured;
  const rows: [string, string][] = [
    [say('about.model.version'), `${bundle.name} ${bundle.version}`],
    [say('page.details.hash'), `${sha256} (${path})`],
    ...(measured ? [[say('about.model.measured'), day(measured.date)] as [string, string]] : []),
    [say('about.model.licence'), licenceText(about)],
  ];
  return card(
    h('h2', {}, say('about.model')),
    h('dl', {}, ...rows.flatMap(([term, text]) => [h('dt', {}, term), h('dd', {}, text)])),
  );
}
