/** A photograph's four corners, to drag onto the slice's own. */

import type { Source } from '../model/image';
import type { Slice } from '../readings/slice';
import { h, svg } from '../shared/dom';
import { sayAll } from '../shared/language';
import { faults, straighten, type Corners, type Point } from './perspective';

const CORNERS = ['top-left', 'top-right', 'bottom-right', 'bottom-left'] as const;
const STEP = 0.01; // of the picture's side, an arrow key
const FRAME = 0.8; // of the shorter side; also in page.css
const SHOWN = 1600; // pixels; a larger photograph is made smaller first

/**
 * A photograph with four corners to drag, also by the arrow keys.
 *
 * @param done Called with what is to be read: the straightened part's pixels, or the photograph as it came.
 * @throws Where the browser can't decode the photograph.
 */
export async function straightenView(photo: Slice, done: (slice: Slice) => void): Promise<HTMLElement> {
  const picture = await load(photo.source);
  const { width, height } = picture;
  const margin = [width, height].map((side) => (1 - (FRAME * Math.min(width, height)) / side) / 2);
  const [x, y] = [margin[0]!, margin[1]!];
  const places: [Point, Point, Point, Point] = [
    { x, y },
    { x: 1 - x, y },
    { x: 1 - x, y: 1 - y },
    { x, y: 1 - y },
  ];
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
  return h(
    'section',
    { class: 'card photograph' },
    h('h1', { id: 'headline', tabindex: -1, 'data-say': 'app.straighten' }),
    h('p', { 'data-say': 'app.straighten.text' }),
    h(
      'div',
      { class: 'desk' },
      shown(picture),
      svg('svg', { viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, outline),
      ...handles,
    ),
    warning,
    h(
      'div',
      { class: 'actions' },
      h('button', {
        type: 'button',
        id: 'use',
        'data-say': 'app.straighten.use',
        click: () => {
          done({ name: photo.name, source: straighten(picture, inPixels()) });
        },
      }),
      h('button', {
        type: 'button',
        class: 'plain',
        'data-say': 'app.straighten.whole',
        click: () => {
          done(photo);
        },
      }),
    ),
  );
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
