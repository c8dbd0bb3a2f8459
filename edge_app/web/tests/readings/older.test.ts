import { expect, test } from 'vitest';
import { renewed, type OldReading } from '../../src/readings/older';
import { reading } from './samples';

test('a reading of this version stays as it is', () => {
  const kept = reading({});
  expect(renewed(kept)).toBe(kept);
});

function old(thresholds: OldReading['thresholds']): OldReading {
  const { heatmap, in_distribution, quality, ...rest } = reading({});
  return { ...rest, heat: new Blob(), thresholds };
}

test('a reading of version 0.1 is shown without its heatmap', () => {
  const found = renewed(old({ unsure: 0.5, no_tumour: null, refused: null }));
  expect(found).toMatchObject({ name: 'a.jpg', heatmap: null, in_distribution: null });
  expect(found.thresholds).toEqual({ unsure: 0.5, no_tumour: 0.5, refused: 0 });
  expect(found).not.toHaveProperty('heat');
});

test('one that was not calibrated stays so', () => {
  expect(renewed(old({ unsure: null, no_tumour: null, refused: null })).thresholds).toBeNull();
});
