/** The service worker: keeps page, runtime and model, and answers from them. */

declare const self: ServiceWorkerGlobalScope & {
  /** Hash of the server's bundle; the server writes it above this script, so that a new model is an update. */
  OTAK_BUNDLE: string;
};

// Filled in by the build.
declare const PAGE_FILES: string[];
declare const PAGE_VERSION: string;

const CACHE = `otak-${PAGE_VERSION}-${self.OTAK_BUNDLE}`;

self.addEventListener('install', (event) => {
  event.waitUntil(fill());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver());
});

self.addEventListener('message', ({ data }) => {
  if (data === 'apply') {
    void self.skipWaiting();
  }
});

self.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET') {
    event.respondWith(answer(event.request));
  }
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  const response = await fetch('/bundle.json', { cache: 'no-store' });
  const bundle = (await response.clone().json()) as {
    files: { path: string; sha256: string }[];
    default: string;
  };
  const model = bundle.files.find(({ path }) => path === bundle.default);
  await cache.put('/bundle.json', response);
  const about = await fetch('/about.json', { cache: 'no-store' });
  // Not every bundle has one.
  if (about.ok) {
    await cache.put('/about.json', about);
  }
  await cache.addAll([...PAGE_FILES, ...(model ? [`/model/${model.sha256}`] : [])]);
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) ?? fetch(request);
}

export {};
