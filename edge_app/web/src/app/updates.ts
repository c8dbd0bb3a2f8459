/** Installs the service worker, which keeps the page for times without the server. */

/**
 * Keeps the page offline where the browser allows it (https, or the machine itself).
 *
 * @param ready Called with the way to switch over when a new version has been fetched.
 */
export function keepOffline(ready: (apply: () => void) => void): void {
  if (!('serviceWorker' in navigator)) {
    return;
  }
  const container = navigator.serviceWorker;
  let asked = false;
  container.addEventListener('controllerchange', () => {
    if (asked) {
      location.reload();
    }
  });
  const offer = (worker: ServiceWorker | null): void => {
    if (worker && container.controller) {
      ready(() => {
        asked = true;
        worker.postMessage('apply');
      });
    }
  };
  container
    .register('/offline.js')
    .then((registration) => {
      offer(registration.waiting);
      registration.addEventListener('updatefound', () => {
        const worker = registration.installing;
        worker?.addEventListener('statechange', () => {
          if (worker.state === 'installed') {
            offer(worker);
          }
        });
      });
    })
    // Without the server there is nothing to look for.
    .catch(() => undefined);
}
