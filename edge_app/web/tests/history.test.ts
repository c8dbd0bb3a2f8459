import { expect, test } from 'vitest';
import { toCsv } from '../src/history';
import type { Reading } from '../src/reading';

function reading(changes: Partial<Reading>): Reading {
  return {
    id: '1',
    time: Date.UTC(2026, 0, 2, 3, 4, 5),
    name: 'a.jpg',
    note: '',
    verdict: 'answer',
    label: 'glioma',
    probabilities: { glioma: 0.75, no_tumor: 0.25 },
    reasons: ['uncalibrated'],
    place: 'phone',
    machine: '',
    runtime: 'LiteRT.js',
    milliseconds: { decode: 1, preprocess: 1, infer: 1 },
    model: { name: 'toy', version: '1', file: 'toy.tflite', sha256: 'ab' },
    thresholds: { unsure: null, no_tumour: null, refused: null },
    labels: [],
    picture: new Blob(),
    heat: null,
    ...changes,
  };
}

test('a line for each reading', () => {
  expect(toCsv([reading({}), reading({ label: null, verdict: 'refused' })])).toBe(
    'time,name,verdict,label,glioma,no_tumor,reasons,place,model,version,sha256,note\r\n' +
      '2026-01-02T03:04:05.000Z,a.jpg,answer,glioma,0.7500,0.2500,uncalibrated,phone,toy,1,ab,\r\n' +
      '2026-01-02T03:04:05.000Z,a.jpg,refused,,0.7500,0.2500,uncalibrated,phone,toy,1,ab,\r\n',
  );
});

test('names and notes play no tricks on a spreadsheet', () => {
  const table = toCsv([reading({ name: '=HYPERLINK("x")', note: 'two\nlines, one "quoted"' })]);
  expect(table).toContain(`"'=HYPERLINK(""x"")"`);
  expect(table).toContain('"two\nlines, one ""quoted"""');
});
