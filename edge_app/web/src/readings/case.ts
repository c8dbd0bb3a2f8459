/** A case is what is read at one time. What is begun later takes its place, and nothing of it is mixed in. */

import type { Place } from '../shared/choices';
import { bundle } from '../model/bundle';
import { judgeStudy, type StudyPrediction } from '../model/study';
import { readThere } from './clinic';
import { failureOf, type Failure } from './failure';
import type { Extent, WholeCase } from './kept';
import { isLogged } from './log';
import { remember } from './look';
import { readHere } from './phone';
import type { Reading } from './reading';
import type { CaseSlice } from './slice';
import { deleteCase, keepCase } from './store';

/** What came of a slice; of a case that was kept before, why one wasn't read is known no more. */
export type Outcome = { reading: Reading } | { failure: Failure } | { unread: true };

let count = 0;

/** Slices that are read one after the other, and what came of them. */
export class Case {
  /** Written by the user, about all of it. */
  patientCode = '';
  note = '';
  /** The answer of the study; null of a single slice, and where slices are missing. */
  study: StudyPrediction | null = null;
  /** Whether files have frames that nobody could look for, so that but one of each was read. */
  framesLeft = false;
  /** Whether its slices are still looked for. */
  searching = false;
  /** What came of the slices that were read, in their order. */
  readonly outcomes: Outcome[] = [];
  /** How many slices were chosen, of a case that was kept before. */
  private keptCount = 0;
  /** What came of its slices before, where it is read again in part. */
  private before: readonly Outcome[] = [];
  /** Those that are read again. */
  private again: readonly CaseSlice[] = [];
  /** Whether nothing more comes: all slices are done with, or the user has cancelled. */
  ended = false;
  /** Whether it is of drawings: nothing of it is kept. */
  drawn = false;
  private readonly stop = new AbortController();

  /**
   * @param token Aborted when something newer begins, and never taken back.
   */
  constructor(
    public slices: readonly CaseSlice[],
    readonly token: AbortSignal,
    /** Its own among all of this phone. */
    readonly id = `${Date.now()}-${++count}`,
  ) {
    token.addEventListener('abort', () => {
      this.stop.abort();
    });
  }

  get readings(): Reading[] {
    return this.outcomes.flatMap((outcome) => ('reading' in outcome ? [outcome.reading] : []));
  }

  get failures(): Failure[] {
    return this.outcomes.flatMap((outcome) => ('failure' in outcome ? [outcome.failure] : []));
  }

  /** How many slices were chosen. */
  get count(): number {
    return this.slices.length || this.keptCount;
  }

  get cancelled(): boolean {
    return this.ended && this.outcomes.length < this.count;
  }

  /** How many slices were tried and not read. */
  get unread(): number {
    return this.outcomes.length - this.readings.length;
  }

  /** How much of it was read; undefined where that is all. */
  get extent(): Extent | undefined {
    const numbers = this.outcomes.flatMap((outcome, place) => ('reading' in outcome ? [place + 1] : []));
    const [chosen, tried] = [this.count, this.outcomes.length];
    return numbers.length < chosen ? { chosen, tried, numbers } : undefined;
  }

  /** Whether some of it was read before, and may be kept. */
  get continued(): boolean {
    return this.before.some((outcome) => 'reading' in outcome);
  }

  /** Whether the clinic's device keeps some of it. */
  get logged(): boolean {
    return [...this.before, ...this.outcomes].some(
      (outcome) => 'reading' in outcome && outcome.reading.logged,
    );
  }

  /** How many of its slices are to be read or were: no others are where some are read again. */
  get due(): number {
    return this.before.length || this.slices.length;
  }

  /** What came before of a slice that isn't read again. */
  known(place: number): Outcome | undefined {
    return this.again.includes(this.slices[place]!) ? undefined : this.before[place];
  }

  /** Takes what came before of the slices that are left, as where reading them again was cancelled. */
  leave(): void {
    this.outcomes.push(...this.before.slice(this.outcomes.length));
  }

  /**
   * The same case, some of whose slices are read again: its other slices belong to the answer as before.
   *
   * @param failures What came of those.
   */
  retry(failures: readonly Failure[], token: AbortSignal): Case {
    const failed = this.outcomes.map((outcome) =>
      'failure' in outcome && failures.includes(outcome.failure) ? outcome.failure.slice : undefined,
    );
    const slices = this.slices.map((slice, place) => failed[place] ?? slice);
    const { id, patientCode, note, drawn } = this;
    const next = Object.assign(new Case(slices, token, id), { patientCode, note, drawn });
    next.before = this.outcomes;
    next.again = failed.filter((slice) => slice !== undefined);
    return next;
  }

  /** Takes over what was read before. */
  restore({ kept, readings }: WholeCase): void {
    const { patientCode, note, study, extent, framesLeft = false } = kept;
    Object.assign(this, { patientCode, note, study, framesLeft });
    this.keptCount = extent?.chosen ?? readings.length;
    const tried = extent?.tried ?? readings.length;
    const unread = Array.from({ length: tried }, (): Outcome => ({ unread: true }));
    readings.forEach((reading, place) => {
      unread[(extent?.numbers[place] ?? place + 1) - 1] = { reading };
    });
    this.outcomes.push(...unread);
    this.ended = true;
  }

  /** Aborted when no further slice is to be read. */
  get stopped(): AbortSignal {
    return this.stop.signal;
  }

  /** Reads no further; what was read stays. */
  cancel(): void {
    this.stop.abort();
  }
}

let newest = new AbortController();

/**
 * Takes the place of what was begun before.
 *
 * @returns A token that is aborted when something newer begins. Nothing may be shown or kept after that: one
 * patient's slice would be taken for another's.
 */
export function supersede(): AbortSignal {
  newest.abort();
  newest = new AbortController();
  return newest.signal;
}

/** Makes a function do nothing once something newer has begun. */
export function unlessSuperseded<Given extends unknown[]>(
  token: AbortSignal,
  act: (...given: Given) => void,
): (...given: Given) => void {
  return (...given) => {
    if (!token.aborted) {
      act(...given);
    }
  };
}

/** A case that was kept before. */
export function caseOf(whole: WholeCase, token: AbortSignal): Case {
  const opened = new Case([], token, whole.kept.id);
  opened.restore(whole);
  return opened;
}

/**
 * Looks for a case's slices; of one that is stopped before, there are none.
 *
 * @param search Finds them.
 */
export async function searchCase(
  opened: Case,
  search: (signal: AbortSignal) => Promise<CaseSlice[]>,
): Promise<void> {
  opened.searching = true;
  const found = await orStop(search(opened.stopped), opened.stopped);
  opened.slices = found ?? [];
  opened.searching = false;
}

/**
 * Reads a case's slices until they are done with or it is stopped, and keeps it; one that was superseded is not kept.
 *
 * @param progress Called before each slice.
 * @throws Whatever keeps it from being kept; its readings are shown all the same.
 */
export async function readCase(opened: Case, where: Place, progress: () => void): Promise<void> {
  const { slices, outcomes, stopped } = opened;
  const readOne = async (slice: CaseSlice): Promise<Reading> =>
    where === 'phone'
      ? readHere(slice, stopped)
      : readThere(slice, stopped, isLogged(opened) ? opened.patientCode : '');
  for (const [place, slice] of slices.slice(0, opened.due).entries()) {
    progress();
    const known = opened.known(place);
    if (known) {
      outcomes.push(known);
      continue;
    }
    const reading = slice.refusal ? Promise.reject(slice.refusal) : readOne(slice);
    const outcome = await orStop(
      reading.then(
        (reading) => {
          remember(reading, slice);
          return { reading };
        },
        (error: unknown) => (stopped.aborted ? undefined : { failure: failureOf(error, slice, where) }),
      ),
      stopped,
    );
    if (stopped.aborted || !outcome) {
      break;
    }
    outcomes.push(outcome);
  }
  opened.leave();
  opened.framesLeft = outcomes.some(
    (outcome, place) =>
      'reading' in outcome && (outcome.reading.frames ?? 1) > 1 && slices[place]!.frame == null,
  );
  opened.study = await judge(opened);
  try {
    await keepAll(opened);
  } finally {
    opened.ended = true;
  }
}

/** The answer of all slices together: nothing, where one of them might have been read and wasn't. */
async function judge({
  outcomes,
  slices,
  readings,
  framesLeft,
  stopped,
}: Case): Promise<StudyPrediction | null> {
  const missing = outcomes.some((outcome) => 'failure' in outcome && !outcome.failure.unreadable);
  if (slices.length < 2 || missing || framesLeft || stopped.aborted) {
    return null;
  }
  // Without the rule nothing is said at all.
  const found = await bundle().catch(() => null);
  const decisions = outcomes.map((outcome) => ('reading' in outcome ? outcome.reading : null));
  // A rule is one model's; the clinic's device may have a newer one than this page.
  const isOurs = readings.every(({ model }) => model.name === found?.name && model.version === found.version);
  return found && judgeStudy(decisions, isOurs ? found.study : null);
}

/** Waits no longer than until a signal is aborted; what comes after that reaches nobody. */
async function orStop<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  const stopped = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
  return Promise.race([result, stopped]);
}

async function keepAll(opened: Case): Promise<void> {
  const { id, patientCode, note, study, extent, framesLeft, readings, token, drawn, continued } = opened;
  if (token.aborted || drawn || readings.length === 0) {
    return;
  }
  // The database takes turns: whoever looks into the history after this finds nothing of it.
  const undo = (): void => {
    deleteCase(id).catch(() => undefined);
  };
  if (!continued) {
    token.addEventListener('abort', undo);
  }
  try {
    await keepCase({ id, patientCode, note, study, extent, framesLeft }, readings, token);
  } finally {
    token.removeEventListener('abort', undo);
  }
}
