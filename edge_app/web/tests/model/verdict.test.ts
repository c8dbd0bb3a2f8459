import { expect, test } from 'vitest';
import { decide } from '../../src/model/verdict';
import { verdicts } from '../golden';
import { quality } from '../readings/samples';

test('the verdicts of Python', () => {
  expect(verdicts.length).toBeGreaterThan(100);
  for (const { probabilities, in_distribution, quality, thresholds, verdict, reasons } of verdicts) {
    expect(decide(probabilities, in_distribution, quality, thresholds)).toEqual({ verdict, reasons });
  }
});

test('without calibration nothing is answered', () => {
  expect(decide({ glioma: 1, no_tumor: 0 }, 1, quality, null)).toEqual({
    verdict: 'unsure',
    reasons: ['uncalibrated'],
  });
});
