/** A reading's picture, small, for lists: made once, and not before it comes into view. */

import { thumbnailOf } from '../readings/kept';
import type { Reading } from '../readings/reading';
import { h } from '../shared/dom';

const made = new WeakMap<Reading, Promise<string>>();
const awaited = new WeakMap<Element, Reading>();
// One after the other: each is decoded in full for a moment.
let queue: Promise<unknown> = Promise.resolve();
let observer: IntersectionObserver | undefined;

export function thumbnail(reading: Reading): HTMLElement {
  const image = h('img', { alt: '', width: 64, height: 64 });
  observer ??= new IntersectionObserver(show, { rootMargin: '200px' });
  awaited.set(image, reading);
  observer.observe(image);
  return image;
}

function show(entries: IntersectionObserverEntry[], seen: IntersectionObserver): void {
  for (const { target, isIntersecting } of entries) {
    const reading = awaited.get(target);
    if (isIntersecting && reading) {
      seen.unobserve(target);
      // A store that lost the picture leaves its place empty.
      make(reading).then(
        (address) => {
          target.setAttribute('src', address);
        },
        () => undefined,
      );
    }
  }
}

async function make(reading: Reading): Promise<string> {
  let address = made.get(reading);
  if (!address) {
    address = queue.then(async () => thumbnailOf(reading.picture));
    queue = address.catch(() => undefined);
    made.set(reading, address);
  }
  return address;
}
