/** The days of a history. */

import { language, say } from '../../shared/language';

/** What a day is called on another: today, yesterday, or its date. */
export function dayName(time: number, now: number): string {
  const [then, today] = [new Date(time), new Date(now)];
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (then.toDateString() === today.toDateString()) {
    return say('app.history.today');
  }
  if (then.toDateString() === yesterday.toDateString()) {
    return say('app.history.yesterday');
  }
  return then.toLocaleDateString(locale(), { dateStyle: 'full' });
}

/** The time of a day. */
export function hour(time: number): string {
  return new Date(time).toLocaleTimeString(locale(), { timeStyle: 'short' });
}

function locale(): string {
  return language() === 'id' ? 'id-ID' : 'en-GB';
}
