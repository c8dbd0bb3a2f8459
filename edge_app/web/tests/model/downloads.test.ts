import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { fetchAll, type Progress } from '../../src/model/downloads';

const FILES = [
  { path: '/model', bytes: 40 },
  { path: '/runtime', bytes: 100 },
];

/** What a server sends: the pieces of a file, one after the other, and how long it says the file is. */
let sent: Record<string, { pieces: number[]; length?: number; status?: number }>;

beforeEach(() => {
  sent = { '/model': { pieces: [40] }, '/runtime': { pieces: [50, 50], length: 20 } };
  vi.stubGlobal('fetch', async (path: string) => {
    const { pieces, length, status } = sent[path]!;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        pieces.forEach((size, index) => controller.enqueue(new Uint8Array(size).fill(index + 1)));
        controller.close();
      },
    });
    const headers: HeadersInit = length === undefined ? {} : { 'Content-Length': String(length) };
    return Promise.resolve(new Response(body, { status: status ?? 200, headers }));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('fetchAll', () => {
  it('gives files whole and tells how far they are, as they are sent', async () => {
    const told: Progress[] = [];
    const [model, runtime] = await fetchAll(FILES, (progress) => told.push(progress));
    expect(model).toEqual(new Uint8Array(40).fill(1));
    expect([runtime!.length, runtime![0], runtime![99]]).toEqual([100, 1, 2]);
    // The packed runtime is 20 bytes long on its way, whatever it unpacks to.
    expect(told.at(-1)).toEqual({ received: 60, total: 60 });
    expect(new Set(told.map(({ total }) => total))).toEqual(new Set([60]));
    const received = told.map((progress) => progress.received);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(received.length).toBeGreaterThan(1);
  });

  it.each([
    ['broken off', { pieces: [50] }, '/runtime: 50 of 100 bytes'],
    ['too long', { pieces: [50, 51] }, '/runtime: more than 100 bytes'],
    ['not there', { pieces: [], status: 404 }, '/runtime: status 404'],
  ])('is an error for a file that is %s', async (_, runtime, message) => {
    sent['/runtime'] = runtime;
    await expect(fetchAll(FILES, () => undefined)).rejects.toThrow(message);
  });
});
