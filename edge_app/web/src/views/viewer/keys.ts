/** The viewer by keyboard. */

import type { Key as Sentence } from '../../shared/language';

export type Command =
  | 'closer'
  | 'farther'
  | 'whole'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'hide'
  | 'invert'
  | 'tool'
  | 'full'
  | 'own'
  | 'full range'
  | 'robust'
  | 'side'
  | 'input'
  | 'more';

const COMMANDS: Record<string, Command> = {
  '+': 'closer',
  '=': 'closer',
  '-': 'farther',
  '0': 'whole',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  h: 'hide',
  i: 'invert',
  w: 'tool',
  f: 'full',
  '1': 'own',
  '2': 'full range',
  '3': 'robust',
  s: 'side',
  m: 'input',
  '?': 'more',
};

/** What the keys do, for the help. */
export const HELP: readonly (readonly [string, Sentence])[] = [
  ['+ −', 'viewer.key.zoom'],
  ['0', 'viewer.whole'],
  ['← → ↑ ↓', 'viewer.key.arrows'],
  ['W', 'viewer.tool'],
  ['1 2 3', 'viewer.key.presets'],
  ['I', 'viewer.invert'],
  ['H', 'viewer.hide'],
  ['S', 'viewer.side'],
  ['M', 'viewer.input'],
  ['F', 'viewer.full'],
  ['Esc', 'viewer.key.escape'],
];

/** What a key asks for; nothing where it belongs to a field or to the browser. */
export function commandOf({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): Command | undefined {
  const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  return isField || ctrlKey || metaKey || altKey
    ? undefined
    : COMMANDS[key.length === 1 ? key.toLowerCase() : key];
}
