/** What can be done with the cases that are kept. */

import type { KeptCase, WholeCase } from '../readings/kept';
import { allCases, allWhole, deleteAllCases, deleteCase, thumbnail } from '../readings/store';
import { say } from '../shared/language';
import { rowId } from '../views/history/row';
import { change, state } from './state';
import { tell } from './status';
import { failed } from './troubles';
import { endUndo, offerUndo } from './undo';
import { leaveWritten } from './written';

/** Looks up what is kept. */
export async function lookUp(): Promise<void> {
  await leaveWritten();
  state.history = (await allCases().catch(failed)) ?? state.history;
}

/** Deletes a case, and offers to take that back. */
export async function remove({ id }: KeptCase): Promise<void> {
  const whole = await deleteCase(id).catch(failed);
  if (!whole) {
    return;
  }
  forget([id]);
  offerUndo(whole, (cases, error) => void putBack(cases, error));
}

async function putBack(cases: WholeCase[], error: unknown): Promise<void> {
  if (error) {
    failed(error);
    return;
  }
  await lookUp();
  change({});
  document.getElementById(rowId(cases.at(-1)!.kept))?.focus();
  tell(say('app.history.restored'));
}

export async function removeAll(): Promise<void> {
  if (window.confirm(say('app.history.sure'))) {
    const ids = state.history.map(({ id }) => id);
    endUndo();
    await deleteAllCases().then(() => {
      forget(ids);
    }, failed);
  }
}

/** Shows no more of what was deleted; Back doesn't either. */
function forget(ids: readonly string[]): void {
  if (state.opened && ids.includes(state.opened.id)) {
    Object.assign(state, { opened: undefined, shown: undefined });
  }
  change({ history: state.history.filter(({ id }) => !ids.includes(id)) });
}

/** All cases as they are kept; undefined where that failed, which is told. */
export async function all(): Promise<WholeCase[] | undefined> {
  return allWhole().catch(failed);
}

export { thumbnail };
