/** Ways to keep Otak on this device, as the browser and the address allow. */

import { button, h } from '../shared/dom';
import { isSingle } from '../shared/files';
import { say, type Key } from '../shared/language';

const WHOLE = '/otak.html'; // of `edge_app/serve/pages.py`

/** What Chromium fires where a page can be installed; TypeScript's types don't know it. */
interface InstallPrompt extends Event {
  prompt: () => Promise<unknown>;
}

let prompt: InstallPrompt | undefined;

/** Waits for the browser's offer to install the page. */
export function watchInstallation(): void {
  const hold = (offered: InstallPrompt | undefined): void => {
    prompt = offered;
    document.getElementById('keep')?.replaceWith(keepCard());
  };
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    hold(event as InstallPrompt);
  });
  window.addEventListener('appinstalled', () => {
    hold(undefined);
  });
}

/** Tells whether it is kept already, as an installed page or as a file. */
export function isKept(): boolean {
  return isSingle() || window.matchMedia('(display-mode: standalone)').matches;
}

export function keepCard(): HTMLElement {
  return h(
    'section',
    { class: 'card no-print', id: 'keep' },
    h('h2', {}, say('app.keep')),
    ...(window.isSecureContext ? installation() : download()),
  );
}

function installation(): HTMLElement[] {
  const held = prompt;
  if (held) {
    const install = button(
      say('app.keep.install.button'),
      () => {
        prompt = undefined; // It can be shown once.
        void held.prompt();
      },
      'plain',
    );
    return [h('p', {}, say('app.keep.install')), h('div', { class: 'actions' }, install)];
  }
  // Safari on a phone or a tablet, which installs from its share sheet alone.
  const shares = 'standalone' in navigator && navigator.maxTouchPoints > 1;
  const key: Key = shares ? 'app.keep.share' : 'app.keep.menu';
  return [h('p', {}, say(key))];
}

function download(): HTMLElement[] {
  const link = h('a', { class: 'picker plain', href: WHOLE, download: '' }, say('app.keep.file.button'));
  return [h('p', {}, say('app.keep.file')), h('div', { class: 'actions' }, link)];
}
