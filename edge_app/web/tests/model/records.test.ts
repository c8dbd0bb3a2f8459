import { expect, test } from 'vitest';
import {
  anyText,
  choice,
  integer,
  list,
  nullable,
  number,
  parse,
  pattern,
  record,
  RecordError,
  tuple,
  type Reader,
} from '../../src/model/records';

const shape = record({ name: pattern(/^[a-z]+$/), sides: list(integer(1, 9)) });

const right: [string, Reader<unknown>, unknown][] = [
  ['any text', anyText, ''],
  ['a pattern', pattern(/^[a-z]+$/), 'abc'],
  ['the low end', number(0, 1), 0],
  ['the high end', number(0, 1), 1],
  ['a whole number', integer(0, 9), 9],
  ['a choice', choice('a', 1), 1],
  ['null where it may be', nullable(number(0, 1)), null],
  ['not null where it may be', nullable(number(0, 1)), 0.5],
  ['an empty list', list(anyText), []],
  ['a tuple', tuple(anyText, number(0, 1)), ['a', 1]],
  ['a record', shape, { name: 'abc', sides: [1, 2] }],
];

const wrong: [string, Reader<unknown>, unknown][] = [
  ['a number for a text', anyText, 1],
  ['another text', pattern(/^[a-z]+$/), 'ABC'],
  ['too low', number(0, 1), -0.001],
  ['too high', number(0, 1), 1.001],
  ['NaN', number(0, 1), NaN],
  ['infinite', number(0, Number.MAX_VALUE), Infinity],
  ['a text for a number', number(0, 1), '1'],
  ['a fraction', integer(0, 9), 1.5],
  ['none of the choices', choice('a', 1), '1'],
  ['null where it may not be', number(0, 1), null],
  ['no list', list(anyText), { 0: 'a', length: 1 }],
  ['a list with something else in it', list(anyText), ['a', 1]],
  ['a short tuple', tuple(anyText, anyText), ['a']],
  ['a long tuple', tuple(anyText, anyText), ['a', 'b', 'c']],
  ['a list for a record', shape, ['abc', [1]]],
  ['a field too few', shape, { name: 'abc' }],
  ['a field too many', shape, { name: 'abc', sides: [], colour: 'red' }],
  ['an inherited field', record({ toString: anyText }), {}],
];

test.each(right)('%s is read', (_, reader, value) => {
  expect(reader(value, 'here')).toEqual(value);
});

test.each(wrong)('%s is refused', (_, reader, value) => {
  expect(() => reader(value, 'here')).toThrow(RecordError);
});

test('a refusal names the place', () => {
  expect(() => parse('{"name": "abc", "sides": [1, 10]}', shape, 'shape.json')).toThrow(
    'shape.json.sides[1]: is no number within 1 to 9',
  );
});

test.each(['', '{', 'NaN', '['.repeat(100_000)])('no JSON is refused', (json) => {
  expect(() => parse(json, anyText, 'a.json')).toThrow(RecordError);
});
