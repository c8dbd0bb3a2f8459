/** The page: what is shown, and what happens when something is chosen. */

import { readAll, supersede, unlessSuperseded, type Trouble } from './batch';
import { h } from './dom';
import { addressOf, bring, isSingle, unpack } from './files';
import { allReadings, forget, forgetAll, keep, toCsv } from './history';
import { LANGUAGES, language, say, sayAll, setLanguage, type Key, type Language } from './language';
import { MAX_MEGABYTES } from './limits';
import { warmUp } from './phone';
import { cameraView, hasCamera, straightenView } from './photograph';
import { date, headline, shortHeadline, type Reading } from './reading';
import { release, resultView } from './result';
import { applyTheme, place, PLACES, theme, THEMES, writeSetting, type Place } from './settings';
import { keepOffline } from './updates';

const VIEWS = ['read', 'history', 'settings'] as const;
type View = (typeof VIEWS)[number];

bring(await unpack());
const logo = addressOf('/static/otak.svg');

const state = {
  view: 'read' as View,
  readings: [] as Reading[],
  shown: undefined as Reading | undefined,
  history: [] as Reading[],
  troubles: [] as Trouble[],
  update: undefined as (() => void) | undefined,
  taking: undefined as HTMLElement | undefined,
};

const ACCEPTED = 'image/*,application/dicom,.dcm';
const FADE = 3000; // milliseconds

const status = h('p', { role: 'status', class: 'status' });
const root = h('div', { id: 'app' });

// Reading

/** Drops what is under way, for something newer. */
function begin(): AbortSignal {
  leave();
  state.troubles = [];
  tell('');
  return supersede();
}

function show(readings: Reading[], troubles: Trouble[] = []): void {
  Object.assign(state, { view: 'read', readings, shown: readings[0], troubles });
  draw();
}

async function read(files: readonly File[], where: Place = place()): Promise<void> {
  if (files.length === 0) {
    return;
  }
  const signal = begin();
  show([]);
  const batch = await readAll(files, where, signal, (name) => {
    tell(say('app.reading', { name }), true);
  });
  if (batch) {
    tell('');
    show(batch.readings, batch.troubles);
    focus(batch.troubles.length > 0 ? 'trouble' : 'headline');
  }
}

function aim(): void {
  const signal = begin();
  take(
    cameraView(
      unlessSuperseded(signal, correct),
      unlessSuperseded(signal, () => {
        state.troubles = [{ text: () => say('app.camera.failed') }];
        take(undefined);
      }),
      () => {
        take(undefined);
      },
    ),
  );
}

/** Lets the user straighten a photograph before it is read. */
function correct(photo: File): void {
  const signal = begin();
  const use = unlessSuperseded(signal, (file: File) => void read([file]));
  straightenView(photo, use).then(
    unlessSuperseded(signal, take),
    // What can't be shown is refused by its reader, in a sentence.
    unlessSuperseded(signal, () => void read([photo])),
  );
}

function leave(): void {
  if (state.taking) {
    state.taking.dispatchEvent(new Event('leave'));
    release(state.taking);
    state.taking = undefined;
  }
}

function take(element: HTMLElement | undefined): void {
  leave();
  state.view = 'read';
  state.taking = element;
  draw();
  focus(state.troubles.length > 0 ? 'trouble' : 'headline');
}

function photographed(event: Event): void {
  const input = event.target as HTMLInputElement;
  const photo = input.files?.[0];
  input.value = '';
  if (photo) {
    correct(photo);
  }
}

function chosen(event: Event): void {
  const input = event.target as HTMLInputElement;
  void read([...(input.files ?? [])]);
  input.value = '';
}

// Drawing

function draw(): void {
  const views = { read: readView, history: historyView, settings: settingsView };
  document.documentElement.lang = language();
  document.title = `${state.view === 'read' && state.shown && !state.taking ? headline(state.shown) : say(`app.${state.view}`)} · Otak`;
  root.querySelectorAll('.result').forEach(release);
  root.replaceChildren(
    h('a', { class: 'skip', href: '#main' }, say('app.skip')),
    header(),
    h('main', { id: 'main', tabindex: -1 }, ...notices(), ...views[state.view]()),
    h('footer', {}, say('disclaimer'), ' ', say('licence')),
  );
}

let fading: ReturnType<typeof setTimeout> | undefined;

/** Tells what is going on; what needs no waiting for fades. */
function tell(text: string, waiting = false): void {
  status.textContent = text;
  clearTimeout(fading);
  if (!waiting) {
    fading = setTimeout(() => {
      status.textContent = '';
    }, FADE);
  }
}

function focus(id: string): void {
  const element = document.getElementById(id);
  element?.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

function header(): HTMLElement {
  const languages = Object.entries(LANGUAGES).map(([code, name]) =>
    h(
      'button',
      {
        type: 'button',
        id: `language-${code}`,
        lang: code,
        'aria-pressed': String(code === language()),
        click: () => {
          setLanguage(code as Language);
          draw();
          document.getElementById(`language-${code}`)?.focus();
        },
      },
      name,
    ),
  );
  const tabs = VIEWS.map((view) =>
    h(
      'button',
      {
        type: 'button',
        id: `view-${view}`,
        'aria-current': view === state.view && 'page',
        click: () => {
          void open(view);
        },
      },
      say(`app.${view}`),
    ),
  );
  return h(
    'header',
    {},
    h('span', { class: 'brand' }, h('img', { src: logo, alt: '', width: 32, height: 32 }), 'Otak'),
    h('div', { class: 'switch', role: 'group', 'aria-label': say('page.language') }, ...languages),
    h('nav', { class: 'tabs', 'aria-label': say('app.sections') }, ...tabs),
  );
}

async function open(view: View): Promise<void> {
  state.view = view;
  state.troubles = [];
  // A reading goes on behind the history and the settings; a photograph can't.
  if (view === 'read' || state.taking) {
    begin();
  }
  if (view === 'read') {
    state.readings = [];
    state.shown = undefined;
  }
  if (view === 'history') {
    try {
      state.history = await allReadings();
    } catch {
      state.troubles = [{ text: () => say('app.history.failed') }];
    }
  }
  draw();
  document.getElementById(`view-${view}`)?.focus();
  window.scrollTo({ top: 0 });
}

function notices(): HTMLElement[] {
  const cards = state.troubles.map(({ text, again }, index) =>
    h(
      'div',
      { class: 'card alert', role: 'alert', id: index === 0 && 'trouble', tabindex: -1 },
      h('h2', {}, say('page.error')),
      h('p', {}, text()),
      again && button('app.phone.failed.button', () => void read([again], 'clinic')),
    ),
  );
  if (state.update) {
    cards.push(
      h(
        'div',
        { class: 'card notice' },
        h('p', {}, say('app.update')),
        button('app.update.button', state.update),
      ),
    );
  }
  return cards;
}

function button(key: Key, click: () => void, kind = ''): HTMLElement {
  return h('button', { type: 'button', class: kind, click }, say(key));
}

function readView(): HTMLElement[] {
  const { shown, taking } = state;
  if (taking) {
    sayAll(taking);
    return [taking];
  }
  if (!shown) {
    return [captureCard()];
  }
  const note = (text: string): void => {
    shown.note = text;
    keep(shown).then(
      () => {
        if (state.shown === shown) {
          tell(say('app.saved'));
        }
      },
      () => {
        state.troubles.push({ text: () => say('app.history.failed') });
        draw();
      },
    );
  };
  return [...(state.readings.length > 1 ? [strip()] : []), resultView(shown, { note }), captureCard()];
}

function strip(): HTMLElement {
  const thumbs = state.readings.map((reading) =>
    h(
      'button',
      {
        type: 'button',
        'aria-pressed': String(reading === state.shown),
        click: () => {
          state.shown = reading;
          draw();
          focus('headline');
        },
      },
      thumbnail(reading),
      h('span', {}, shortHeadline(reading)),
    ),
  );
  return h('div', { class: 'strip no-print', role: 'group', 'aria-label': say('app.slices') }, ...thumbs);
}

function thumbnail(reading: Reading): HTMLElement {
  const src = URL.createObjectURL(reading.picture);
  const revoke = (): void => {
    URL.revokeObjectURL(src);
  };
  return h('img', { src, alt: '', width: 64, height: 64, load: revoke, error: revoke });
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
        ? button('app.take', aim)
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

// History

function historyView(): HTMLElement[] {
  const title = h('h1', {}, say('app.history'));
  if (state.history.length === 0) {
    return [h('section', { class: 'card' }, title, h('p', {}, say('app.history.empty')))];
  }
  return [
    h(
      'section',
      { class: 'card' },
      title,
      h('ul', { class: 'history' }, ...state.history.map(historyRow)),
      h('p', { class: 'note' }, say('app.history.kept')),
      h(
        'div',
        { class: 'actions' },
        button('app.history.export', exportCsv),
        button('app.history.clear', () => void clear(), 'plain'),
      ),
    ),
  ];
}

function historyRow(reading: Reading): HTMLElement {
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        class: 'open',
        click: () => {
          begin();
          show([reading]);
          focus('headline');
        },
      },
      thumbnail(reading),
      h(
        'span',
        {},
        h('strong', {}, shortHeadline(reading)),
        h('small', {}, `${date(reading.time)} · ${reading.name}`),
        reading.note && h('small', {}, reading.note),
      ),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'plain',
        'aria-label': `${say('app.history.delete')}: ${reading.name}`,
        click: () => void forget(reading.id).then(() => open('history')),
      },
      say('app.history.delete'),
    ),
  );
}

function exportCsv(): void {
  // Excel takes it for UTF-8 only with the mark at the beginning.
  const blob = new Blob(['\ufeff', toCsv(state.history)], { type: 'text/csv' });
  const href = URL.createObjectURL(blob);
  h('a', { href, download: 'otak.csv' }).click();
  // Not at once: the download begins after this.
  setTimeout(() => {
    URL.revokeObjectURL(href);
  }, 60_000);
}

async function clear(): Promise<void> {
  if (window.confirm(say('app.history.sure'))) {
    await forgetAll();
    await open('history');
  }
}

// Settings

function settingsView(): HTMLElement[] {
  return [
    h(
      'section',
      { class: 'card' },
      h('h1', {}, say('app.settings')),
      !isSingle() && choice('place', 'app.choice.where', PLACES, place()),
      h('p', { class: 'note' }, say(`app.privacy.${place()}`)),
      choice('theme', 'app.choice.theme', THEMES, theme()),
      !window.isSecureContext && h('p', { class: 'note' }, say('app.insecure')),
    ),
  ];
}

function choice(name: string, title: Key, choices: readonly string[], current: string): HTMLElement {
  return h(
    'fieldset',
    {},
    h('legend', {}, say(title)),
    ...choices.map((value) =>
      h(
        'label',
        {},
        h('input', {
          type: 'radio',
          id: `${name}-${value}`,
          name,
          value,
          checked: value === current,
          change: () => {
            writeSetting(name, value);
            applyTheme();
            draw();
            document.getElementById(`${name}-${value}`)?.focus();
          },
        }),
        say(`app.choice.${value}` as Key),
      ),
    ),
  );
}

// Beginning

function start(): void {
  applyTheme();
  document.body.append(root, status);
  draw();
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    void read([...(event.dataTransfer?.files ?? [])]);
  });
  if (!isSingle()) {
    keepOffline((apply) => {
      state.update = apply;
      draw();
    });
  }
  if (place() === 'phone') {
    const signal = begin();
    tell(say('app.loading'), true);
    warmUp().then(
      unlessSuperseded(signal, () => {
        tell(say('app.ready'));
      }),
      // It is tried again with the first picture, and told then.
      unlessSuperseded(signal, () => {
        tell('');
      }),
    );
  }
}

start();
