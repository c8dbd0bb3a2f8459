import { expect, test } from 'vitest';
import { output, shares } from '../../src/model/classifier';

const LABELS = ['a', 'b', 'c', 'd'].map((name) => ({ name, en: name, id: name }));

test('probabilities sum to 1', () => {
  const probabilities = shares(Float32Array.of(0.0625, 0.75, 0.125, 0), LABELS);
  expect(Object.values(probabilities).reduce((sum, value) => sum + value)).toBeCloseTo(1, 12);
  expect(Object.keys(probabilities)).toEqual(['a', 'b', 'c', 'd']);
});

test.each([[[0, 0, 0, 0]], [[-1, 2, 0, 0]], [[1, 0, 0]], [[1, 0, 0, 0, 0]]])('%j is no answer', (values) => {
  expect(() => shares(Float32Array.from(values), LABELS)).toThrow('no probabilities');
});

test.each([NaN, Infinity])('an output of %d is none', (value) => {
  expect(() => output({ brain: { shape: [1], values: Float32Array.of(value) } }, 'brain')).toThrow('finite');
});

test('an output that is missing is told', () => {
  expect(() => output({}, 'brain')).toThrow('brain');
});

test('an output without numbers is none: nothing is below a threshold', () => {
  expect(() => output({ brain: { shape: [0], values: new Float32Array() } }, 'brain')).toThrow('finite');
});
