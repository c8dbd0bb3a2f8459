/** What stands below the picture: buttons, the strength of the heat, and a panel of what is needed less often. */

import type { Reading } from '../../readings/reading';
import { button, h } from '../../shared/dom';
import { say, type Key } from '../../shared/language';
import type { Numbered } from '../strip';
import { shortHeadline, sliceName } from '../wording';
import { icon, type Icon } from './icons';
import { HELP, type Command } from './keys';
import { PRESETS, type Preset, type Windowing } from './windowing';

export interface ToolActions {
  act: (command: Command) => void;
  /** Hides the heat while a button is held. */
  hold: (hidden: boolean) => void;
  beside: (choice: string) => void;
}

const OF_PRESET: Record<Preset, Command> = { own: 'own', full: 'full range', robust: 'robust' };

export function iconButton(name: Icon, key: Key, click?: () => void): HTMLButtonElement {
  const text = say(key);
  return h('button', { type: 'button', class: 'tool', 'aria-label': text, title: text, click }, icon(name));
}

/** The row of buttons. */
export function toolbar({ act, hold }: ToolActions): {
  row: HTMLElement;
  hide: HTMLButtonElement;
  full: HTMLButtonElement;
  /** Shows which of them are switched on. */
  show: (on: { window: boolean; full: boolean; more: boolean }) => void;
} {
  const command = (name: Icon & Command, key: Key): HTMLButtonElement =>
    iconButton(name, key, () => {
      act(name);
    });
  const tool = command('tool', 'viewer.tool');
  const hide = iconButton('hide', 'viewer.hide');
  whileHeld(hide, hold);
  const full = command('full', 'viewer.full');
  const more = command('more', 'viewer.more');
  more.setAttribute('aria-controls', 'viewer-more');
  const row = h(
    'div',
    { class: 'tools no-print', role: 'group', 'aria-label': say('viewer.tools') },
    ...[command('farther', 'viewer.farther'), command('closer', 'viewer.closer')],
    ...[tool, hide, full, more],
  );
  const show: ReturnType<typeof toolbar>['show'] = (on) => {
    tool.setAttribute('aria-pressed', String(on.window));
    full.setAttribute('aria-pressed', String(on.full));
    more.setAttribute('aria-expanded', String(on.more));
  };
  return { row, hide, full, show };
}

/**
 * Calls while a button is held by a finger, the mouse or a key; what can only click, as a voice does, holds it until
 * the next click.
 */
function whileHeld(element: HTMLButtonElement, hold: (held: boolean) => void): void {
  let held = false;
  let byHand = false;
  const set = (now: boolean): void => {
    held = now;
    element.setAttribute('aria-pressed', String(now));
    hold(now);
  };
  const begin = (): void => {
    byHand = true;
    set(true);
  };
  const end = (): void => {
    if (held) {
      set(false);
    }
  };
  element.setAttribute('aria-pressed', 'false');
  element.addEventListener('pointerdown', (event) => {
    element.setPointerCapture(event.pointerId);
    begin();
  });
  element.addEventListener('keydown', (event) => {
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      begin();
    }
  });
  for (const kind of ['pointerup', 'pointercancel', 'keyup', 'blur']) {
    element.addEventListener(kind, end);
  }
  // A long press is no wish for a menu.
  element.addEventListener('contextmenu', (event) => {
    event.preventDefault();
  });
  element.addEventListener('click', () => {
    if (!byHand) {
      set(!held);
    }
    byHand = false;
  });
}

/** How strong the heat is shown. */
export function strengthRow(value: number, change: (percent: number) => void): HTMLElement {
  const strength = h('span', { class: 'percent', 'aria-hidden': 'true' });
  const slider = h('input', { id: 'opacity', type: 'range', min: 0, max: 100, value });
  const show = (): void => {
    strength.textContent = `${slider.value}%`;
    slider.setAttribute('aria-valuetext', `${slider.value}%`);
  };
  show();
  slider.addEventListener('input', () => {
    show();
    change(slider.valueAsNumber);
  });
  return h('div', { class: 'opacity' }, h('label', { for: 'opacity' }, say('app.opacity')), slider, strength);
}

/** The panel. */
export function panel(
  reading: Reading,
  slices: readonly Numbered[],
  beside: string,
  actions: ToolActions,
): {
  box: HTMLElement;
  select: HTMLSelectElement;
  /** Shows which window it is, and whether of the values that the file holds. */
  show: (windowing: Windowing, stored: boolean) => void;
} {
  const command = (key: Key, name: Command): HTMLButtonElement =>
    button(
      say(key),
      () => {
        actions.act(name);
      },
      'plain',
    );
  const presets = PRESETS.map((preset) => command(`viewer.window.${preset}`, OF_PRESET[preset]));
  const invert = command('viewer.invert', 'invert');
  const depth = h('p', { class: 'note' });
  const select = h('select', {
    id: 'beside',
    change: () => {
      actions.beside(select.value);
    },
  });
  for (const [value, text] of choices(reading, slices)) {
    select.append(h('option', { value, selected: value === beside }, text));
  }
  const box = h(
    'div',
    { class: 'panel no-print', id: 'viewer-more' },
    h(
      'div',
      { class: 'presets', role: 'group', 'aria-label': say('viewer.window') },
      ...presets,
      invert,
      command('viewer.whole', 'whole'),
    ),
    depth,
    h('label', { for: 'beside' }, say('viewer.beside')),
    select,
    h('h2', {}, say('viewer.keys')),
    h('p', { class: 'note' }, say('viewer.keys.hint')),
    h('dl', { class: 'keys' }, ...HELP.flatMap(([keys, key]) => [h('dt', {}, keys), h('dd', {}, say(key))])),
  );
  const show: ReturnType<typeof panel>['show'] = ({ window, inverted }, stored) => {
    invert.setAttribute('aria-pressed', String(inverted));
    presets.forEach((element, place) => {
      element.setAttribute('aria-pressed', String(window === PRESETS[place]));
    });
    depth.textContent = say(stored ? 'viewer.depth.stored' : 'viewer.depth.shown');
  };
  return { box, select, show };
}

/** What can stand beside a slice. */
function choices(reading: Reading, slices: readonly Numbered[]): [string, string][] {
  const itself: [string, string][] = [['', say('viewer.beside.nothing')]];
  if (reading.verdict !== 'refused' && reading.heatmap) {
    itself.push(['heat', say('viewer.side')]);
  }
  if (reading.heatmap) {
    itself.push(['input', say('viewer.input')]);
  }
  const others = slices.filter((slice) => slice.reading.id !== reading.id);
  return [
    ...itself,
    ...others.map(({ reading: other, number }): [string, string] => [
      other.id,
      `${number}. ${shortHeadline(other)}, ${sliceName(other)}`,
    ]),
  ];
}
