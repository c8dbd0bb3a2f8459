import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Reply, Request } from '../../src/model/worker';

const json = readFileSync(join(import.meta.dirname, '../../../models/bundle.json'), 'utf-8');

vi.mock('../../src/model/worker?worker&url', () => ({ default: '/worker.js' }));

/** A thread that answers when it is told to. */
class Thread extends EventTarget {
  static newest: Thread;
  readonly asked: Request[] = [];

  constructor() {
    super();
    Thread.newest = this;
  }

  postMessage(request: Request): void {
    this.asked.push(request);
    if ('source' in request && request.source === null) {
      this.reply({ id: request.id, ready: true });
    }
  }

  reply(data: Reply): void {
    queueMicrotask(() => this.dispatchEvent(Object.assign(new Event('message'), { data })));
  }
}

beforeEach(() => {
  vi.stubGlobal('Worker', Thread);
  vi.stubGlobal('fetch', async () => Promise.resolve(new Response(json)));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('what is aborted before its turn is taken back, and its late picture released', async () => {
  const { readHere } = await import('../../src/readings/phone');
  const stop = new AbortController();
  const reading = readHere({ name: 'a', source: new Blob() }, stop.signal);
  await vi.waitFor(() => {
    expect(Thread.newest.asked).toHaveLength(2);
  });
  const { id } = Thread.newest.asked[1]!;
  stop.abort();
  await expect(reading).rejects.toThrow(/abort/i);
  expect(Thread.newest.asked[2]).toEqual({ id, drop: true });
  const picture = { close: vi.fn() };
  Thread.newest.reply({ id, prediction: {}, picture } as unknown as Reply);
  await vi.waitFor(() => {
    expect(picture.close).toHaveBeenCalledOnce();
  });
});

test('nothing is asked for a case that was stopped before', async () => {
  const { readHere } = await import('../../src/readings/phone');
  const before = Thread.newest.asked.length;
  await expect(readHere({ name: 'a', source: new Blob() }, AbortSignal.abort())).rejects.toThrow(/abort/i);
  expect(Thread.newest.asked.slice(before).filter((each) => 'source' in each && each.source)).toEqual([]);
});
