/** What is told where the history can't be used. */

import { UpgradeError } from '../readings/store';
import { say, type Key } from '../shared/language';
import { change } from './state';

type Sentence = () => string;

/** Tells that the history can't be used. */
export function failed(error: unknown): undefined {
  change({ troubles: troublesOf(error) });
}

export function troublesOf(error: unknown): [Sentence] {
  let key: Key = 'app.history.failed';
  if (error instanceof UpgradeError) {
    key = error.blocked ? 'app.history.blocked' : 'app.history.upgrade';
  }
  return [() => say(key)];
}
