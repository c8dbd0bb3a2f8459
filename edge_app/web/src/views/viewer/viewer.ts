/** A slice to look at: closer, through another window, with and without its heat, beside another. */

import type { Case } from '../../readings/case';
import type { Reading } from '../../readings/reading';
import { h } from '../../shared/dom';
import { say } from '../../shared/language';
import { numbered, type Numbered } from '../strip';
import { makePanes, type Named } from './besides';
import { changesBy, strideOf } from './commands';
import { fill, shrink } from './full';
import { moved, toggled, zoomed, type Point } from './geometry';
import { listen } from './gestures';
import { icon } from './icons';
import { commandOf, type Command } from './keys';
import { heatOf, InputPane, type Pane } from './pane';
import { settingOf, strengthOf, type Setting } from './setting';
import { panel, strengthRow, toolbar } from './tools';
import { dragged, isAsRead, rangeOf, windowFor } from './windowing';

const PAUSE = 600; // milliseconds until it is said what has changed

/** How a case is looked at is kept from slice to slice, and ends with it. */
export function viewer(reading: Reading, opened: Case): HTMLElement {
  return new Viewer(reading, settingOf(opened.id), numbered(opened)).figure;
}

class Viewer {
  readonly figure: HTMLElement;
  private readonly area = h('div', {
    ...{ class: 'panes', id: 'viewer', tabindex: 0, role: 'group' },
    'aria-label': say('viewer.area'),
  });
  private readonly told = h('p', { class: 'told', 'aria-live': 'polite' });
  private readonly caption = h('p', {}, say('page.heatmap'));
  private readonly tools: ReturnType<typeof toolbar>;
  private readonly more: ReturnType<typeof panel>;
  private named: Named[] = [];
  private hidden = false;
  private telling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly reading: Reading,
    private readonly setting: Setting,
    private readonly slices: readonly Numbered[],
  ) {
    if (setting.beside === reading.id) {
      setting.beside = '';
    }
    const actions = {
      act: this.act.bind(this),
      hold: this.hide.bind(this),
      beside: this.putBeside.bind(this),
    };
    this.tools = toolbar(actions);
    this.more = panel(reading, slices, setting.beside, actions);
    const heat = heatOf(reading);
    this.tools.hide.hidden = !heat;
    this.figure = h(
      'figure',
      { class: 'card viewer' },
      this.area,
      this.tools.row,
      heat &&
        h(
          'figcaption',
          {},
          strengthRow(strengthOf(reading, setting), this.setStrength.bind(this)),
          this.caption,
        ),
      this.more.box,
      this.told,
    );
    this.layPanes();
    this.listenToAll();
    if (setting.full) {
      // Once it is on the page.
      queueMicrotask(() => {
        this.setFull(true);
      });
    }
  }

  private get main(): Pane {
    return this.named[0]!.pane;
  }

  private listenToAll(): void {
    const { setting, figure, area } = this;
    listen(area, {
      drag: this.drag.bind(this),
      zoom: (factor, at, by) => {
        const pane = this.paneAt(at);
        const view = zoomed(setting.view, factor, pane.at(at), pane.room);
        this.change({ view: moved(view, pane.share(by), pane.room) });
      },
      twice: (at) => {
        const pane = this.paneAt(at);
        this.change({ view: toggled(setting.view, pane.at(at), pane.room) });
      },
      passes: ({ deltaY, ctrlKey }) => deltaY > 0 && setting.view.zoom === 1 && !ctrlKey && !setting.full,
    });
    figure.addEventListener('keydown', (event) => {
      const command = commandOf(event);
      if (command && this.act(command)) {
        event.preventDefault();
      }
    });
    const showHeat = (): void => {
      this.hide(false);
    };
    figure.addEventListener('keyup', ({ key }) => {
      if (key.toLowerCase() === 'h') {
        showHeat();
      }
    });
    area.addEventListener('focusout', showHeat);
    new ResizeObserver(this.update.bind(this)).observe(area);
  }

  /** Does what was asked for; tells whether it meant anything. */
  private act(command: Command): boolean {
    const { setting, main } = this;
    const stride = strideOf(command);
    if (stride && setting.tool === 'window') {
      this.spread({ x: stride.x / 2, y: stride.y / 2 });
    } else if (command === 'hide') {
      this.hide(true);
    } else if (command === 'full') {
      this.setFull(!setting.full);
    } else if (command === 'side' || command === 'input') {
      this.toggleBeside(command === 'side' ? 'heat' : 'input');
    } else {
      const changes = changesBy(command, setting, main.room);
      if (!changes) {
        return false;
      }
      this.change(changes);
    }
    return true;
  }

  private drag(by: Point): void {
    const { setting, main } = this;
    if (setting.tool === 'window') {
      this.spread(main.share(by));
    } else if (setting.view.zoom > 1) {
      this.change({ view: moved(setting.view, main.share(by), main.room) });
    }
  }

  /** Widens the window across, and raises its level down. */
  private spread({ x, y }: Point): void {
    const { setting, main } = this;
    if (main.through) {
      this.change({ windowing: dragged(windowFor(setting.windowing, main.through), x, y, main.through) });
    }
  }

  private hide(hidden: boolean): void {
    this.hidden = hidden;
    this.update();
  }

  private setStrength(percent: number): void {
    this.setting.strengths.set(this.reading.id, percent);
    this.update();
  }

  private setFull(full: boolean): void {
    this.setting.full = full;
    if (full) {
      fill(this.figure, () => {
        this.setFull(false);
      });
      this.area.focus();
    } else {
      shrink(this.figure);
      this.tools.full.focus();
    }
    this.update();
  }

  private toggleBeside(choice: string): void {
    const { select } = this.more;
    if (Array.from(select.options).some(({ value }) => value === choice)) {
      select.value = select.value === choice ? '' : choice;
      this.putBeside(select.value);
    }
  }

  private putBeside(choice: string): void {
    this.setting.beside = choice;
    this.layPanes();
  }

  /** Makes the panes anew. */
  private layPanes(): void {
    const { area, reading, setting, slices } = this;
    this.named = makePanes(reading, setting.beside, slices);
    area.replaceChildren(...this.named.map(({ pane }) => h('div', { class: 'pane' }, pane.stage)));
    area.classList.toggle('two', this.named.length > 1);
    // Once they are on the page.
    queueMicrotask(() => {
      for (const { pane } of this.named) {
        if (pane instanceof InputPane) {
          void pane.draw();
        }
      }
      this.update();
    });
  }

  private change(changes: Partial<Setting>): void {
    Object.assign(this.setting, changes);
    this.update();
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      this.told.textContent = this.zoomed() + this.windowed();
    }, PAUSE);
  }

  /** Shows everything as it is set. */
  private update(): void {
    const { area, named, reading, setting, tools, more } = this;
    const { view, windowing, tool, full } = setting;
    const isChanged = view.zoom > 1 || !isAsRead(windowing) || tool === 'window';
    for (const { pane, caption } of named) {
      pane.place(view);
      pane.warm(this.hidden ? 0 : strengthOf(pane.reading, setting));
      pane.show(windowFor(windowing, pane.through));
      pane.describe(full || named.length > 1 ? caption : '');
      if (isChanged && !pane.through) {
        void this.lookCloser(pane);
      }
    }
    this.main.label(this.zoomed() + this.windowed());
    area.classList.toggle('free', view.zoom > 1 || tool === 'window' || full);
    area.dataset.tool = tool;
    const isCold = strengthOf(reading, setting) === 0;
    tools.hide.disabled = isCold;
    // What isn't printed is not explained.
    this.caption.classList.toggle('no-print', isCold);
    tools.full.replaceChildren(icon(full ? 'leave' : 'full'));
    tools.show({ window: tool === 'window', full, more: setting.more });
    more.box.hidden = !setting.more;
    more.show(windowing, this.main.through?.stored ?? false);
  }

  /** Gets what a pane needs to be shown closer or through another window, and shows it. */
  private async lookCloser(pane: Pane): Promise<void> {
    if ((await pane.lookCloser()) && this.named.some((each) => each.pane === pane)) {
      this.update();
    }
  }

  private zoomed(): string {
    return say('viewer.zoom', { percent: this.main.percent(this.setting.view.zoom) });
  }

  /** Through which window the picture is seen, where that is not how it was read. */
  private windowed(): string {
    const { main, setting } = this;
    const windowing = windowFor(setting.windowing, main.through);
    if (!main.through || isAsRead(windowing)) {
      return '';
    }
    const { low, high } = rangeOf(windowing, main.through.ranges);
    const [width, level] = [Math.round(high - low), Math.round((low + high) / 2)];
    const window = say('viewer.window.value', { width, level });
    return ` · ${window}${windowing.inverted ? ` · ${say('viewer.inverted')}` : ''}`;
  }

  private paneAt({ x, y }: Point): Pane {
    const under = document.elementFromPoint(x, y);
    return this.named.find(({ pane }) => pane.stage.contains(under))?.pane ?? this.main;
  }
}
