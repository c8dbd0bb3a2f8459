import { expect, test } from 'vitest';
import { judgeStudy } from '../../src/model/study';
import { studies } from '../golden';

test('the studies of Python', () => {
  expect(studies.length).toBeGreaterThan(20);
  for (const { slices, rule, ...said } of studies) {
    expect(judgeStudy(slices, rule)).toEqual(said);
  }
});

test('without calibration nothing is said of the whole', () => {
  const slices = [{ verdict: 'answer' as const, label: 'glioma', probabilities: { glioma: 1, no_tumor: 0 } }];
  expect(judgeStudy(slices, null)).toMatchObject({ suspicious: null, score: null });
});
