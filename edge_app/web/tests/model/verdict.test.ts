import { expect, test } from 'vitest';
import { decide } from '../../src/model/verdict';
import { verdicts } from '../golden';

test('the verdicts of Python', () => {
  expect(verdicts.length).toBeGreaterThan(100);
  for (const { probabilities, in_distribution, quality, thresholds, verdict, reasons } of verdicts) {
    expect(decide(probabilities, in_distribution, quality, thresholds)).toEqual({ verdict, reasons });
  }
});

test('without calibration nothing is answered', () => {
  const quality = {
    colour: 0,
    side: 200,
    cut: 0,
    sharpness: 100,
    background: 0,
    gutter: 100,
    halves: 90,
    aspect: 80,
    mirror: 90,
    bar: 0,
    lines: 0,
  };
  expect(decide({ glioma: 1, no_tumor: 0 }, 1, quality, null)).toEqual({
    verdict: 'unsure',
    reasons: ['uncalibrated'],
  });
});
