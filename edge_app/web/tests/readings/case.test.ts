import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as bundles from '../../src/model/bundle';
import { ImageError } from '../../src/model/errors';
import { Case, caseOf, readCase, searchCase, supersede, unlessSuperseded } from '../../src/readings/case';
import { ClinicError, ClinicRefusal } from '../../src/readings/clinic';
import { summed, type CaseFacts } from '../../src/readings/kept';
import { numbered } from '../../src/views/strip';
import { gapTexts } from '../../src/views/study';
import type { Reading } from '../../src/readings/reading';
import type { CaseSlice } from '../../src/readings/slice';
import { of, slices } from './samples';

type Read = (slice: CaseSlice, signal: AbortSignal) => Promise<Reading>;

/** The names of what each case has kept. */
const kept = new Map<string, string[]>();
const readHere = vi.fn<Read>();
const readThere = vi.fn<Read>();
const keepCase = vi.fn<(facts: CaseFacts, readings: readonly Reading[]) => Promise<void>>();

vi.mock('../../src/readings/phone', () => ({
  PhoneError: class extends Error {},
  readHere: async (...given: Parameters<Read>) => readHere(...given),
}));
vi.mock('../../src/readings/clinic', () => ({
  ClinicError: class extends Error {},
  ClinicRefusal: class extends Error {
    constructor(
      readonly code: string,
      sentence: string,
    ) {
      super(sentence);
    }
  },
  readThere: async (...given: Parameters<Read>) => readThere(...given),
}));
vi.mock('../../src/readings/store', () => ({
  keepCase: async (...given: Parameters<typeof keepCase>) => keepCase(...given),
  deleteCase: async (id: string) => Promise.resolve(kept.delete(id)),
}));

const names = ({ readings }: Case): string[] => readings.map(({ name }) => name);

function put(id: string, readings: readonly Reading[]): void {
  kept.set(
    id,
    readings.map(({ name }) => name),
  );
}

const nothing = (): void => undefined;

beforeEach(() => {
  kept.clear();
  readHere.mockReset().mockImplementation(async ({ name }) => Promise.resolve(of(name)));
  readThere.mockReset().mockImplementation(async ({ name }) => Promise.resolve(of(name)));
  keepCase.mockReset().mockImplementation(async ({ id }, readings) => {
    put(id, readings);
    return Promise.resolve();
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Holds a slice back until it is let go. */
function hold(held: string): (answer?: Error) => void {
  let release: (answer?: Error) => void = nothing;
  const gate = new Promise<void>((resolve, reject) => {
    release = (error) => {
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    };
  });
  const wait: Read = async ({ name }) => {
    if (name === held) {
      await gate;
    }
    return of(name);
  };
  readHere.mockImplementation(wait);
  readThere.mockImplementation(wait);
  return release;
}

test('slices are read in their order, told before each, and kept', async () => {
  const opened = new Case(slices('a', 'b', 'c'), supersede());
  const told: number[] = [];
  await readCase(opened, 'phone', () => told.push(opened.outcomes.length));
  expect(told).toEqual([0, 1, 2]);
  expect(names(opened)).toEqual(['a', 'b', 'c']);
  expect([...kept]).toEqual([[opened.id, ['a', 'b', 'c']]]);
  expect([opened.ended, opened.cancelled]).toEqual([true, false]);
});

describe.each(['phone', 'clinic'] as const)('with the %s', (place) => {
  test.each([undefined, new Error('late')])(
    'a case that was superseded takes nothing more: %s',
    async (end) => {
      const letGo = hold('b');
      const first = new Case(slices('a', 'b', 'c'), supersede());
      const reading = readCase(first, place, nothing);
      await vi.waitFor(() => {
        expect(first.outcomes).toHaveLength(1);
      });
      const second = new Case(slices('d', 'e'), supersede());
      await readCase(second, place, nothing);
      letGo(end);
      await reading;
      expect(names(first)).toEqual(['a']);
      expect(first.failures).toEqual([]);
      expect(names(second)).toEqual(['d', 'e']);
      expect([...kept]).toEqual([[second.id, ['d', 'e']]]);
      const read = [...readHere.mock.calls, ...readThere.mock.calls].map(([{ name }]) => name);
      expect(read).toEqual(['a', 'b', 'd', 'e']);
    },
  );

  test('what was read before it was cancelled stays, and the slice on its way is not waited for', async () => {
    hold('b');
    const opened = new Case(slices('a', 'b', 'c'), supersede());
    const reading = readCase(opened, place, nothing);
    await vi.waitFor(() => {
      expect(opened.outcomes).toHaveLength(1);
    });
    opened.cancel();
    await reading;
    expect(names(opened)).toEqual(['a']);
    expect([...kept]).toEqual([[opened.id, ['a']]]);
    expect([opened.ended, opened.cancelled]).toEqual([true, true]);
  });
});

test('the signal of a slice is aborted by whatever stops its case', () => {
  const cancelled = new Case(slices('a'), supersede());
  cancelled.cancel();
  expect([cancelled.stopped.aborted, cancelled.token.aborted]).toEqual([true, false]);
  const first = new Case(slices('a'), supersede());
  supersede();
  expect([first.stopped.aborted, first.token.aborted]).toEqual([true, true]);
});

test('a case that is kept late is deleted once it is superseded', async () => {
  let finish = nothing;
  keepCase.mockImplementation(async ({ id }, readings) => {
    put(id, readings);
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  const reading = readCase(new Case(slices('a'), supersede()), 'phone', nothing);
  await vi.waitFor(() => {
    expect(kept.size).toBe(1);
  });
  supersede();
  finish();
  await reading;
  expect(kept.size).toBe(0);
});

test('what could not be read has its place among the others', async () => {
  readHere.mockImplementation(async ({ name }) =>
    name === 'b' ? Promise.reject(new ImageError('empty')) : Promise.resolve(of(name)),
  );
  const opened = new Case(slices('a', 'b', 'c'), supersede());
  await readCase(opened, 'phone', nothing);
  expect(opened.outcomes.map((outcome) => 'failure' in outcome)).toEqual([false, true, false]);
  const [failure] = opened.failures;
  expect(failure?.slice.name).toBe('b');
  expect(failure?.text()).toMatch(/^b: the file is empty/);
  expect(opened.cancelled).toBe(false);
});

test('a device that is away is told for each slice', async () => {
  readThere.mockRejectedValue(new ClinicError('unreachable'));
  const opened = new Case(slices('a', 'b'), supersede());
  await readCase(opened, 'clinic', nothing);
  expect(opened.failures.map(({ slice }) => slice.name)).toEqual(['a', 'b']);
  expect(kept.size).toBe(0);
});

describe('slices that are read again', () => {
  /** A case that lacks its second slice, and whatever else is named. */
  async function lacking(...missing: string[]): Promise<Case> {
    readHere.mockImplementation(async ({ name }) =>
      missing.includes(name) ? Promise.reject(new Error('no room')) : Promise.resolve(of(name)),
    );
    const opened = new Case(slices('a', 'b', 'c'), supersede());
    await readCase(opened, 'phone', nothing);
    return Object.assign(opened, { patientCode: 'P7', note: 'look again' });
  }

  test('have their places in the same case', async () => {
    const opened = await lacking('b');
    const next = opened.retry(opened.failures, supersede());
    await readCase(next, 'clinic', nothing);
    expect(readThere.mock.calls.map(([{ name, closedHere }]) => [name, closedHere])).toEqual([['b', true]]);
    expect([next.id, next.patientCode, next.note]).toEqual([opened.id, 'P7', 'look again']);
    expect([names(next), next.failures]).toEqual([['a', 'b', 'c'], []]);
    expect([...kept]).toEqual([[opened.id, ['a', 'b', 'c']]]);
  });

  test('leave the others as they were where that is cancelled', async () => {
    const opened = await lacking('a', 'b');
    hold('b');
    const next = opened.retry(opened.failures, supersede());
    const reading = readCase(next, 'clinic', nothing);
    await vi.waitFor(() => {
      expect(next.outcomes).toHaveLength(1);
    });
    next.cancel();
    await reading;
    expect([names(next), next.cancelled]).toEqual([['a', 'c'], false]);
    expect(next.failures.map(({ slice }) => slice.name)).toEqual(['b']);
  });

  test('are those alone, where a case was cancelled', async () => {
    const opened = new Case(slices('a', 'b', 'c', 'd'), supersede());
    readHere.mockRejectedValue(new Error('no room'));
    await readCase(opened, 'phone', () => {
      if (opened.outcomes.length === 2) {
        opened.cancel();
      }
    });
    const next = opened.retry(opened.failures.slice(0, 1), supersede());
    await readCase(next, 'clinic', nothing);
    expect(readThere.mock.calls.map(([{ name }]) => name)).toEqual(['a']);
    expect([next.outcomes.length, next.cancelled]).toEqual([2, true]);
  });

  test('do not take with them what was kept, where something newer begins', async () => {
    const opened = await lacking('b');
    let finish = nothing;
    keepCase.mockImplementation(async ({ id }, readings) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      put(id, readings);
    });
    const reading = readCase(opened.retry(opened.failures, supersede()), 'clinic', nothing);
    await vi.waitFor(() => {
      expect(keepCase).toHaveBeenCalledTimes(2);
    });
    supersede();
    finish();
    await reading;
    expect([...kept.keys()]).toEqual([opened.id]);
  });
});

test('a full store is told, and the readings stay', async () => {
  keepCase.mockRejectedValue(new Error('full'));
  const opened = new Case(slices('a'), supersede());
  await expect(readCase(opened, 'phone', nothing)).rejects.toThrow('full');
  expect([names(opened), opened.ended]).toEqual([['a'], true]);
});

test('a case of the history has ended, and keeps what was written about it', () => {
  const readings = [of('a'), of('b')];
  const facts = { id: 'old', patientCode: 'P7', note: 'look again', study: null };
  const opened = caseOf({ kept: summed(facts, readings, []), readings, thumbnail: null }, supersede());
  expect(names(opened)).toEqual(['a', 'b']);
  expect([opened.id, opened.patientCode, opened.note]).toEqual(['old', 'P7', 'look again']);
  expect([opened.ended, opened.cancelled]).toEqual([true, false]);
});

test('a case of the history knows what was not read of it, and which slices are which', async () => {
  readHere.mockImplementation(async ({ name }) =>
    name === 'b' ? Promise.reject(new ImageError('damaged')) : Promise.resolve(of(name)),
  );
  const opened = new Case(slices('a', 'b', 'c', 'd'), supersede());
  const reading = readCase(opened, 'phone', () => {
    if (opened.outcomes.length === 3) {
      opened.cancel();
    }
  });
  await reading;
  const [facts, readings] = keepCase.mock.lastCall!;
  expect(facts.extent).toEqual({ chosen: 4, tried: 3, numbers: [1, 3] });
  const kept = summed(facts, readings, []);
  const again = caseOf({ kept, readings: [...readings], thumbnail: null }, supersede());
  expect([again.count, again.unread, again.cancelled]).toEqual([4, 1, true]);
  expect(numbered(again).map(({ number }) => number)).toEqual([1, 3]);
});

test('what was made for something older does nothing', () => {
  const act = vi.fn();
  const guarded = unlessSuperseded(supersede(), act);
  guarded(1);
  supersede();
  guarded(2);
  expect(act.mock.calls).toEqual([[1]]);
});

describe('the answer of the study', () => {
  const rule = { rank: 1, threshold: 0.7 };

  beforeEach(() => {
    const { name, version } = of('a').model;
    vi.spyOn(bundles, 'bundle').mockResolvedValue({ name, version, study: rule } as bundles.Bundle);
  });

  async function read(...names: string[]): Promise<Case> {
    const opened = new Case(slices(...names), supersede());
    await readCase(opened, 'clinic', nothing);
    return opened;
  }

  test('is of all slices, those that can not be read among them, and kept', async () => {
    readThere.mockImplementation(async ({ name }) =>
      name === 'b' ? Promise.reject(new ClinicRefusal('damaged', 'b')) : Promise.resolve(of(name)),
    );
    const { study } = await read('a', 'b', 'c');
    expect(study).toMatchObject({ suspicious: true, counts: { slices: 3, unreadable: 1, suspicious: 2 } });
    expect(keepCase.mock.lastCall?.[0].study).toBe(study);
  });

  test('is none of a single slice', async () => {
    expect((await read('a')).study).toBeNull();
  });

  test.each([new ClinicError('away'), new ClinicRefusal('busy', 'b'), new Error('own fault')])(
    'is none where a slice is missing that might have been read: %s',
    async (error) => {
      readThere.mockImplementation(async ({ name }) =>
        name === 'b' ? Promise.reject(error) : Promise.resolve(of(name)),
      );
      expect((await read('a', 'b', 'c')).study).toBeNull();
    },
  );

  test('is none where of a file with frames the others were never looked for', async () => {
    readThere.mockImplementation(async ({ name }) => Promise.resolve({ ...of(name), frames: 10 }));
    const opened = await read('a', 'b');
    expect([opened.study, opened.framesLeft]).toEqual([null, true]);
    const [facts, readings] = keepCase.mock.lastCall!;
    const kept = summed(facts, readings, []);
    const again = caseOf({ kept, readings: [...readings], thumbnail: null }, supersede());
    expect(gapTexts(again)).toEqual(gapTexts(opened));
    expect(gapTexts(opened)).toHaveLength(1);
  });

  test('does not take the rule of one model for the answers of another', async () => {
    const newer = { ...of('b').model, version: '2' };
    readThere.mockImplementation(async ({ name }) =>
      Promise.resolve(name === 'b' ? { ...of(name), model: newer } : of(name)),
    );
    expect((await read('a', 'b')).study).toMatchObject({ suspicious: null, counts: { suspicious: null } });
  });

  test('is none where the rule is not known', async () => {
    vi.mocked(bundles.bundle).mockRejectedValue(new Error('damaged'));
    expect((await read('a', 'b')).study).toBeNull();
  });
});

test('what is known to be unreadable is not sent anywhere', async () => {
  const refusal = new ImageError('zip_encrypted');
  const opened = new Case([{ name: 'z', source: new Blob(), refusal }, ...slices('a')], supersede());
  await readCase(opened, 'phone', nothing);
  expect(opened.failures.map(({ text, places }) => [text().slice(0, 2), places])).toEqual([['z:', []]]);
  expect(readHere).toHaveBeenCalledOnce();
});

describe('slices that are looked for', () => {
  test('are those of the case', async () => {
    const opened = new Case([], supersede());
    const searched = searchCase(opened, async () => Promise.resolve(slices('a', 'b')));
    expect(opened.searching).toBe(true);
    await searched;
    expect([opened.searching, opened.slices.length]).toEqual([false, 2]);
  });

  test.each(['cancelled', 'superseded'])('are none of a case that is %s', async (how) => {
    const opened = new Case([], supersede());
    let found: (slices: CaseSlice[]) => void = nothing;
    const searched = searchCase(
      opened,
      async () =>
        new Promise((resolve) => {
          found = resolve;
        }),
    );
    if (how === 'cancelled') {
      opened.cancel();
    } else {
      supersede();
    }
    await searched;
    found(slices('a'));
    await Promise.resolve();
    expect([opened.searching, opened.slices]).toEqual([false, []]);
  });
});
