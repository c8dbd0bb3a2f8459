/** Small choices that this browser remembers; where it may not, they last as long as the page. */

import { isSingle } from './files';

const remembered = new Map<string, string>();

export function readSetting<Choice extends string>(
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  let value = remembered.get(name);
  try {
    value ??= localStorage.getItem(`otak.${name}`) ?? undefined;
  } catch {
    // Storage is closed to this page.
  }
  return choices.find((choice) => choice === value);
}

export function writeSetting(name: string, value: string): void {
  remembered.set(name, value);
  try {
    localStorage.setItem(`otak.${name}`, value);
  } catch {
    // Storage is full or closed to this page.
  }
}

export const PLACES = ['phone', 'clinic'] as const;
export type Place = (typeof PLACES)[number];

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const NAMES = ['unkept', 'kept'] as const;

export function place(): Place {
  return isSingle() ? 'phone' : (readSetting('place', PLACES) ?? 'phone');
}

export function theme(): Theme {
  return readSetting('theme', THEMES) ?? 'auto';
}

/** Whether the history keeps what files are called, which is often the patient's name. */
export function keepsNames(): boolean {
  return readSetting('names', NAMES) === 'kept';
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme();
}
