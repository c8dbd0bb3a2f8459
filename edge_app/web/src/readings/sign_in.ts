/** Signing in at the clinic's device, which asks for its PIN where it serves a network. */

import { say } from '../shared/language';

const TOKEN = /(?:^|; )__Host-otak-form=([^;]+)/;

/** What shows the clinic's device that a request is this page's own; nothing where nobody signed in. */
export function ownHeaders(): Record<string, string> {
  const token = TOKEN.exec(document.cookie)?.[1];
  return token === undefined ? {} : { 'X-CSRF-Token': token };
}

/** Returns why the PIN didn't do; undefined where this browser is signed in now. */
export async function signIn(pin: string): Promise<string | undefined> {
  const body = new URLSearchParams({ pin });
  let response: Response;
  try {
    response = await fetch('/sign-in', { method: 'POST', body, redirect: 'manual' });
  } catch {
    return say('app.clinic.failed');
  }
  // The way on, which is for browsers without this page's script.
  if (response.type === 'opaqueredirect') {
    return undefined;
  }
  const seconds = response.headers.get('Retry-After');
  if (response.status === 429 && seconds !== null) {
    return say('app.pin.wait', { seconds });
  }
  return say(response.status === 401 ? 'app.pin.wrong' : 'app.clinic.failed');
}
