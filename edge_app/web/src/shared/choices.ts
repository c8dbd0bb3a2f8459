/** Small choices that this browser remembers; where it may not, they last as long as the page. */

import { isSingle } from './files';

const remembered = new Map<string, string>();

export function readSetting<Choice extends string>(
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = stored(name);
  return choices.find((choice) => choice === value);
}

function stored(name: string): string | undefined {
  try {
    return remembered.get(name) ?? localStorage.getItem(`otak.${name}`) ?? undefined;
  } catch {
    // Storage is closed to this page.
    return undefined;
  }
}

export function writeSetting(name: string, value: string): void {
  remembered.set(name, value);
  try {
    localStorage.setItem(`otak.${name}`, value);
  } catch {
    // Storage is full or closed to this page.
  }
}

/** A text that this browser remembers; empty where there is none. */
export function readText(name: string): string {
  return stored(name) ?? '';
}

export function forgetSetting(name: string): void {
  remembered.delete(name);
  try {
    localStorage.removeItem(`otak.${name}`);
  } catch {
    // Storage is closed to this page.
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
  return names() === 'kept';
}

export function names(): (typeof NAMES)[number] {
  return readSetting('names', NAMES) ?? 'unkept';
}

/** The clinic's name, for reports. */
export function clinic(): string {
  return readText('clinic');
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme();
}
