/** A photograph's four corners: proposed where the slice's are certain, to drag onto them where not. */

import type { Source } from '../model/image';
import type { Slice } from '../readings/slice';
import { h, svg } from '../shared/dom';
import { sayAll, type Key } from '../shared/language';
import { proposeCorners } from './edges';
import { faults, straighten, type Corners, type Point } from './perspective';

const CORNERS = ['top-left', 'top-right', 'bottom-right', 'bottom-left'] as const;
const STEP = 0.01; // of the picture's side, an arrow key
const HIGHEST = 56; // percent of the screen, so that the buttons stay in sight
const SHOWN = 1600; // pixels; a larger photograph is made smaller first

/** What can be done with a photograph. */
export interface StraightenActions {
  /** With what is to be read: the straightened part's pixels, or the photograph as it came. */
  done: (slice: Slice) => void;
  /** Takes another; absent where the photograph came from a file. */
  again: (() => void) | undefined;
  cancelled: () => void;
}

/**
 * A photograph with four corners to drag, also by the arrow keys.
 *
 * @throws Where the browser can't decode the photograph.
 */
export async function straightenView(
  photo: Slice,
  { done, again, cancelled }: StraightenActions,
): Promise<HTMLElement> {
  const picture = await load(photo.source);
  const { width, height } = picture;
  const proposed = proposeCorners(picture);
  const places = placesOf(proposed ?? wholeOf(picture), picture);
  const inPixels = (): Corners =>
    places.map((place) => ({ x: place.x * width, y: place.y * height })) as unknown as Corners;
  const outline = svg('polygon');
  const warning = h('p', { role: 'status', class: 'warning' });
  const handles = CORNERS.map((name, index) => handle(name, places[index]!, moved, check));
  function moved(): void {
    outline.setAttribute('points', places.map((place) => `${place.x * 100},${place.y * 100}`).join(' '));
  }
  function check(): void {
    const found = faults(straighten(picture, inPixels()));
    warning.replaceChildren(...found.map((fault) => h('span', { 'data-say': `app.straighten.${fault}` })));
    sayAll(warning);
  }
  moved();
  check();
  const desk = h(
    'div',
    { class: 'desk' },
    shown(picture),
    svg('svg', { viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, outline),
    ...handles,
  );
  desk.style.width = `min(100%, ${(HIGHEST * width) / height}vh)`;
  return h(
    'section',
    { class: 'card straighten' },
    h('h1', { id: 'headline', tabindex: -1, 'data-say': 'app.straighten' }),
    h('p', { 'data-say': proposed ? 'app.straighten.found' : 'app.straighten.text' }),
    desk,
    warning,
    h(
      'div',
      { class: 'actions' },
      choice(
        'app.straighten.use',
        () => {
          done({ name: photo.name, source: straighten(picture, inPixels()) });
        },
        { id: 'use', class: '' },
      ),
      choice('app.straighten.whole', () => {
        done(photo);
      }),
      again && choice('app.straighten.again', again),
      choice('app.camera.cancel', cancelled),
    ),
  );
}

function choice(key: Key, click: () => void, attributes: Record<string, string> = {}): HTMLElement {
  return h('button', { type: 'button', class: 'plain', 'data-say': key, click, ...attributes });
}

function wholeOf({ width, height }: ImageData): Corners {
  return [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: width, y: height },
    { x: 0, y: height },
  ];
}

/** Corners in shares of the picture's sides, to be moved. */
function placesOf(corners: Corners, { width, height }: ImageData): Point[] {
  const within = (share: number): number => Math.min(1, Math.max(0, share));
  return corners.map(({ x, y }) => ({ x: within(x / width), y: within(y / height) }));
}

function handle(
  name: (typeof CORNERS)[number],
  place: Point,
  moved: () => void,
  settled: () => void,
): HTMLElement {
  const put = (x: number, y: number): void => {
    place.x = Math.min(1, Math.max(0, x));
    place.y = Math.min(1, Math.max(0, y));
    button.style.left = `${place.x * 100}%`;
    button.style.top = `${place.y * 100}%`;
    moved();
  };
  const keys: Record<string, [number, number]> = {
    ArrowLeft: [-STEP, 0],
    ArrowRight: [STEP, 0],
    ArrowUp: [0, -STEP],
    ArrowDown: [0, STEP],
  };
  const button = h('button', {
    type: 'button',
    class: 'corner',
    'aria-label': '',
    'data-say': `app.straighten.${name}`,
    keydown: (event) => {
      const step = keys[(event as KeyboardEvent).key];
      if (step) {
        event.preventDefault();
        put(place.x + step[0], place.y + step[1]);
        settled();
      }
    },
    pointerdown: (event) => {
      button.setPointerCapture((event as PointerEvent).pointerId);
    },
    pointermove: (event) => {
      const { pointerId, clientX, clientY } = event as PointerEvent;
      if (button.hasPointerCapture(pointerId)) {
        const desk = button.parentElement!.getBoundingClientRect();
        put((clientX - desk.left) / desk.width, (clientY - desk.top) / desk.height);
      }
    },
    pointerup: settled,
  });
  button.style.left = `${place.x * 100}%`;
  button.style.top = `${place.y * 100}%`;
  return button;
}

/** A photograph's pixels, at most `SHOWN` wide and high. */
async function load(source: Source): Promise<ImageData> {
  const bitmap = await createImageBitmap(source, { imageOrientation: 'from-image' });
  const scale = Math.min(1, SHOWN / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function shown(picture: ImageData): HTMLCanvasElement {
  const canvas = h('canvas', { width: picture.width, height: picture.height });
  canvas.getContext('2d')!.putImageData(picture, 0, 0);
  return canvas;
}
