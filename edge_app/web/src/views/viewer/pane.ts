/** One pane: a picture that lies under the window that is chosen, and the heat over it. */

import { bundle } from '../../model/bundle';
import { inputOf } from '../../model/look';
import type { PackedHeatmap } from '../../readings/answer';
import { lookAt } from '../../readings/look';
import type { Seen } from '../../readings/phone';
import type { Reading } from '../../readings/reading';
import { h } from '../../shared/dom';
import { say } from '../../shared/language';
import { drawPicture } from '../canvas';
import type { Point, Room, View } from './geometry';
import { AS_READ, shownLevels, storedLevels, type Levels, type Windowing } from './windowing';

const COARSE = 3; // points of the screen to a pixel, from which on pixels are shown as squares

/** The heat of a reading that may be shown. */
export function heatOf({ verdict, heatmap }: Reading): PackedHeatmap | null {
  return verdict === 'refused' ? null : heatmap;
}

export class Pane {
  readonly stage: HTMLElement;
  protected readonly canvas: HTMLCanvasElement;
  protected readonly plane: HTMLElement;
  private readonly heat: HTMLCanvasElement | undefined;
  private readonly text = h('span', { class: 'value', 'aria-hidden': 'true' });
  private readonly drawn: Promise<void>;
  private readonly caption = h('p', { class: 'caption' });
  private closer: Promise<boolean> | undefined;
  private seen: Seen | undefined;
  private levels: Levels | undefined;
  private shown = AS_READ;

  /**
   * @param name What its picture is called.
   */
  constructor(
    readonly reading: Reading,
    name: string,
    withHeat: boolean,
  ) {
    const heatmap = withHeat ? heatOf(reading) : null;
    this.canvas = h('canvas', { role: 'img', 'aria-label': name });
    this.heat = heatmap ? h('canvas', { 'aria-hidden': 'true', class: 'heat' }) : undefined;
    this.plane = h('div', { class: 'plane' }, this.canvas, this.heat);
    this.stage = h('div', { class: 'stage' }, this.plane, this.text);
    if (reading.heatmap) {
      this.shape(...reading.heatmap.size);
    }
    const over = heatmap && this.heat ? { canvas: this.heat, heatmap } : undefined;
    // A store that lost the picture leaves its description.
    this.drawn = drawPicture(this.canvas, reading.picture, over).then(
      () => {
        this.shape(this.canvas.width, this.canvas.height);
      },
      () => undefined,
    );
  }

  /**
   * Gets what the file holds of the picture, where it is at hand; what is kept has been through a JPEG.
   *
   * @returns Whether there is anything to show.
   */
  async lookCloser(): Promise<boolean> {
    this.closer ??= this.open();
    return this.closer;
  }

  /** What can be seen through a window; nothing until the picture has been looked at closer. */
  get through(): Levels | undefined {
    return this.levels;
  }

  show(windowing: Windowing): void {
    const { canvas, levels, shown } = this;
    const isSame = shown.window === windowing.window && shown.inverted === windowing.inverted;
    if (levels && canvas.width > 0 && !isSame) {
      const pixels = levels.through(windowing);
      canvas.getContext('2d')!.putImageData(new ImageData(pixels, canvas.width, canvas.height), 0, 0);
      this.shown = windowing;
    }
  }

  place({ zoom, x, y }: View): void {
    this.plane.style.transform = `translate(${100 * x}%, ${100 * y}%) scale(${zoom})`;
    this.stage.classList.toggle('coarse', this.scale(zoom) >= COARSE);
  }

  /** Writes something over the picture. */
  label(text: string): void {
    this.text.textContent = text;
  }

  /** Says below the picture what it is; nothing where the page does. */
  describe(text: string): void {
    this.caption.textContent = text;
    if (text) {
      this.stage.after(this.caption);
    } else {
      this.caption.remove();
    }
  }

  /**
   * @param percent How strong the heat is shown.
   */
  warm(percent: number): void {
    if (this.heat) {
      this.heat.style.opacity = String(percent / 100);
    }
  }

  /** Points of the screen to a pixel that is shown. */
  scale(zoom: number): number {
    return (zoom * this.plane.clientWidth) / this.canvas.width;
  }

  /** How many percent of the file's own pixels are shown; a large picture is shown with fewer. */
  percent(zoom: number): number {
    const own = this.reading.heatmap?.size[0] ?? this.canvas.width;
    return Math.round((100 * zoom * this.plane.clientWidth) / own);
  }

  get room(): Room {
    const { stage, plane } = this;
    return {
      width: stage.clientWidth / plane.clientWidth || 1,
      height: stage.clientHeight / plane.clientHeight || 1,
    };
  }

  /** Where a point of the screen lies, from the pane's middle. */
  at({ x, y }: Point): Point {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    return this.share({ x: x - left - width / 2, y: y - top - height / 2 });
  }

  /** A distance on the screen as a share of the picture as it fits in. */
  share({ x, y }: Point): Point {
    return { x: x / (this.plane.clientWidth || 1), y: y / (this.plane.clientHeight || 1) };
  }

  /** What the model gets of this picture; undefined where another model read it. */
  protected async input(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    await this.lookCloser();
    const { input, name, version } = await bundle();
    const { model } = this.reading;
    if (model.name !== name || model.version !== version || this.canvas.width === 0) {
      return undefined;
    }
    return this.seen?.input ?? inputOf(this.pixels(), input);
  }

  private async open(): Promise<boolean> {
    const { canvas } = this;
    const [seen] = await Promise.all([lookAt(this.reading), this.drawn]);
    const { width, height } = canvas;
    if (width === 0 || !canvas.isConnected) {
      seen?.picture.close();
      return false;
    }
    if (seen?.picture.width === width && seen.picture.height === height) {
      this.seen = seen;
      canvas.getContext('2d')!.drawImage(seen.picture, 0, 0);
    }
    seen?.picture.close();
    const stored = this.seen?.stored;
    this.levels = stored ? storedLevels(stored, width, height) : shownLevels(this.pixels().data);
    return true;
  }

  private pixels(): ImageData {
    const { width, height } = this.canvas;
    return this.canvas.getContext('2d')!.getImageData(0, 0, width, height);
  }

  private shape(width: number, height: number): void {
    this.stage.style.setProperty('--ratio', String(width / height));
  }
}

/** The square that the model gets, where it was cut out. */
export class InputPane extends Pane {
  private readonly square = h('canvas', { class: 'square', role: 'img', 'aria-label': say('viewer.input') });

  constructor(reading: Reading) {
    super(reading, '', false);
    // It is but what the square is made of.
    this.canvas.setAttribute('aria-hidden', 'true');
    this.stage.classList.add('input');
    this.plane.append(this.square);
  }

  override show(): void {
    // The model gets the picture as it is, whatever window it is seen through.
  }

  /** Draws the square, or says that there is none. */
  async draw(): Promise<void> {
    const values = await this.input();
    const { heatmap } = this.reading;
    if (!values || !heatmap) {
      this.label(say('viewer.input.none'));
      return;
    }
    const side = Math.sqrt(values.length);
    const image = new ImageData(side, side);
    for (let pixel = 0; pixel < values.length; pixel++) {
      image.data.fill(values[pixel]!, 4 * pixel, 4 * pixel + 3);
      image.data[4 * pixel + 3] = 255;
    }
    const { square } = this;
    Object.assign(square, { width: side, height: side });
    square.getContext('2d')!.putImageData(image, 0, 0);
    const [width, height] = heatmap.size;
    const [left, top, right, bottom] = heatmap.box;
    Object.assign(square.style, {
      left: `${(100 * left) / width}%`,
      top: `${(100 * top) / height}%`,
      width: `${(100 * (right - left)) / width}%`,
      height: `${(100 * (bottom - top)) / height}%`,
    });
  }
}
