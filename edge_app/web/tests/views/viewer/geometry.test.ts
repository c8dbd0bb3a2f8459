import { describe, expect, test } from 'vitest';
import { MAX_ZOOM, moved, toggled, WHOLE, zoomed, type View } from '../../../src/views/viewer/geometry';

const SQUARE = { width: 1, height: 1 };
const WIDE = { width: 2, height: 1 };
const CORNER = { x: 0.5, y: -0.5 };

/** What of the picture lies at a point of the pane, both from their middles. */
function seen({ zoom, x, y }: View, at: { x: number; y: number }): [number, number] {
  return [(at.x - x) / zoom, (at.y - y) / zoom];
}

describe('zooming', () => {
  test('what lies at the point stays there', () => {
    const at = { x: 0.2, y: -0.3 };
    let view = WHOLE;
    for (const factor of [2, 1.5, 1.2, 0.9]) {
      const before = seen(view, at);
      view = zoomed(view, factor, at, SQUARE);
      expect(seen(view, at)[0]).toBeCloseTo(before[0]);
      expect(seen(view, at)[1]).toBeCloseTo(before[1]);
    }
    expect(view.zoom).toBeCloseTo(2 * 1.5 * 1.2 * 0.9);
  });

  test('it stays between the whole picture and the closest look', () => {
    expect(zoomed(WHOLE, 0.5, CORNER, SQUARE)).toEqual(WHOLE);
    expect(zoomed(WHOLE, 1e9, CORNER, SQUARE).zoom).toBe(MAX_ZOOM);
  });

  test('out of a corner the picture comes back to the middle', () => {
    const close = zoomed(WHOLE, 8, CORNER, SQUARE);
    expect([close.x, close.y]).toEqual([-3.5, 3.5]);
    expect(zoomed(close, 1 / 8, { x: 0, y: 0 }, SQUARE)).toEqual(WHOLE);
  });

  test('a double tap looks closer at a point, and the next shows the whole', () => {
    const close = toggled(WHOLE, CORNER, SQUARE);
    expect(close.zoom).toBeGreaterThan(2);
    expect(seen(close, CORNER)).toEqual([0.5, -0.5]);
    expect(toggled(close, { x: 0, y: 0 }, SQUARE)).toEqual(WHOLE);
  });
});

describe('moving', () => {
  test('the whole picture stays where it is', () => {
    expect(moved(WHOLE, { x: 0.4, y: 0.4 }, SQUARE)).toEqual(WHOLE);
  });

  test('no further than its edges', () => {
    const view = moved({ zoom: 2, x: 0, y: 0 }, { x: 9, y: -9 }, SQUARE);
    expect([view.x, view.y]).toEqual([0.5, -0.5]);
  });

  test('where the pane has room beside the picture, it stays in the middle', () => {
    const view = moved({ zoom: 1.5, x: 0, y: 0 }, { x: 9, y: 9 }, WIDE);
    expect([view.x, view.y]).toEqual([0, 0.25]);
  });
});
