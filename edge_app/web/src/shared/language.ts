/** Every sentence that a clinician reads, from the very files that the server uses. */

import en from '../../../languages/en.json';
import id from '../../../languages/id.json';
import { readSetting, writeSetting } from './choices';

export const LANGUAGES = { en: 'English', id: 'Indonesia' } as const;
export type Language = keyof typeof LANGUAGES;
export type Key = keyof typeof en;

/** The codes behind a verdict that there is a sentence for. */
export const REASONS = Object.keys(en)
  .filter((key) => key.startsWith('reason.'))
  .map((key) => key.slice('reason.'.length));

const sentences: Record<Language, Record<Key, string>> = { en, id };

let current: Language = readSetting('language', Object.keys(LANGUAGES) as Language[]) ?? preferred();

function preferred(): Language {
  return navigator.language.startsWith('id') ? 'id' : 'en';
}

export function language(): Language {
  return current;
}

let translate: () => void = () => undefined;

/** Names who says everything anew in another language. */
export function onLanguage(translator: () => void): void {
  translate = translator;
}

export function setLanguage(chosen: Language): void {
  current = chosen;
  writeSetting('language', chosen);
  translate();
}

/** One sentence in the chosen language, with its placeholders filled. */
export function say(key: Key, details: Record<string, string | number> = {}): string {
  return sentences[current][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(details[name] ?? whole),
  );
}

/** A number with one decimal, as the chosen language writes it. */
export function decimal(value: number): string {
  return value.toLocaleString(current, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** Whether there is a sentence of this name. */
export function isKey(key: string): key is Key {
  return Object.hasOwn(en, key);
}

/** Says each element's `data-say` in the chosen language: in views that can't be made anew for another one. */
export function sayAll(view: ParentNode): void {
  for (const element of view.querySelectorAll<HTMLElement>('[data-say]')) {
    const text = say(element.getAttribute('data-say') as Key);
    if (element.hasAttribute('aria-label')) {
      element.setAttribute('aria-label', text);
    } else {
      element.textContent = text;
    }
  }
}
