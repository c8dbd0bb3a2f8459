import { afterEach, expect, test, vi } from 'vitest';
import { ownHeaders, signIn } from '../../src/readings/sign_in';
import { say } from '../../src/shared/language';

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ['', {}],
  ['theme=dark', {}],
  ['other__Host-otak-form=no', {}],
  ['__Host-otak-form=abc', { 'X-CSRF-Token': 'abc' }],
  ['theme=dark; __Host-otak-form=abc; more=1', { 'X-CSRF-Token': 'abc' }],
])('the token of %j', (cookie, headers) => {
  vi.stubGlobal('document', { cookie });
  expect(ownHeaders()).toEqual(headers);
});

test('a right PIN, a wrong one, one too many, and no device', async () => {
  const fetched = vi.fn<typeof fetch>();
  vi.stubGlobal('fetch', fetched);
  fetched.mockResolvedValueOnce({ type: 'opaqueredirect' } as Response);
  expect(await signIn('493817')).toBeUndefined();
  const sent = fetched.mock.calls[0]?.[1];
  expect(`${sent?.body as URLSearchParams}`).toBe('pin=493817');
  fetched.mockResolvedValueOnce(new Response('', { status: 401 }));
  expect(await signIn('1')).toBe(say('app.pin.wrong'));
  fetched.mockResolvedValueOnce(new Response('', { status: 429, headers: { 'Retry-After': '8' } }));
  expect(await signIn('1')).toBe(say('app.pin.wait', { seconds: '8' }));
  fetched.mockResolvedValueOnce(new Response('', { status: 503, headers: { 'Retry-After': '2' } }));
  expect(await signIn('1')).toBe(say('app.clinic.failed'));
  fetched.mockRejectedValueOnce(new TypeError('offline'));
  expect(await signIn('1')).toBe(say('app.clinic.failed'));
});
