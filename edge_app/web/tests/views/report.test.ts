import { beforeEach, describe, expect, test } from 'vitest';
import { caseOf, supersede, type Case } from '../../src/readings/case';
import { summed } from '../../src/readings/kept';
import type { Reading } from '../../src/readings/reading';
import { setLanguage } from '../../src/shared/language';
import { lines, reportOf } from '../../src/views/report/content';
import { pdfOf } from '../../src/views/report/pdf';
import { reading } from '../readings/samples';

const heatmap = { box: [0, 0, 9, 9], size: [9, 9], rows: 1, columns: 1, values: 'AA==' } as const;
const tumour = reading({ id: 'tumour', heatmap });
const clear = reading({
  ...{ id: 'clear', label: 'no_tumor', heatmap },
  probabilities: { glioma: 0.04, no_tumor: 0.96 },
});
const refused = reading({ id: 'refused', verdict: 'refused', label: null, reasons: ['colour'] });

beforeEach(() => {
  setLanguage('en');
});

function of(readings: Reading[], note = ''): Case {
  const facts = { id: 'case', patientCode: 'P7', note, study: null };
  return caseOf({ kept: summed(facts, readings, []), readings, thumbnail: null }, supersede());
}

describe('what a report says', () => {
  test('of one slice: its answer, without a table', () => {
    const report = reportOf(of([tumour], 'look again'))!;
    expect(report).toMatchObject({ patientCode: 'P7', headline: 'Glioma', percent: '75%', heatmap });
    expect(report).toMatchObject({ note: ['look again'], rows: [], more: 0 });
    expect(report.texts).toEqual([expect.stringMatching(/^Refer soon/)]);
    expect(report.model).toMatch(/^Model toy 1, SHA-256 ab…, computed by this device's browser/);
    expect(report.date).toMatch(/2 Jan 2026/);
  });

  test('of a case that was cancelled: that it was', () => {
    const extent = { chosen: 80, tried: 2, numbers: [1, 2] };
    const facts = { id: 'case', patientCode: '', note: '', study: null, extent };
    const frames = [
      { ...clear, frame: 0, frames: 80 },
      { ...tumour, frame: 1, frames: 80 },
    ];
    const whole = { kept: summed(facts, frames, []), readings: frames, thumbnail: null };
    const { caption, texts } = reportOf(caseOf(whole, supersede()))!;
    expect(texts[0]).toMatch(/^Cancelled: 2 of 80 pictures were read/);
    expect(texts.join(' ')).not.toContain('Frame');
    expect(caption).toBe('Slice 2: Glioma 75%');
  });

  test('no tumour is never said bare, and no patch of colour contradicts it', () => {
    const report = reportOf(of([clear]))!;
    expect(report.headline).toBe('No glioma, meningioma or pituitary tumour seen on this slice');
    expect(report.texts.join(' ')).toContain('does not look for bleeding');
    expect(report.heatmap).toBeNull();
  });

  test('of several: a row each, the most suspicious first, by their numbers and no file names', () => {
    const report = reportOf(of([refused, clear, { ...tumour, name: 'Budi.png' }]))!;
    expect(report.rows).toEqual([
      { number: '3', answer: 'Glioma', tumour: '75%' },
      { number: '2', answer: 'None of the three tumours seen', tumour: '4%' },
      { number: '1', answer: 'Not assessable', tumour: '' },
    ]);
    expect(report.caption).toBe('Slice 3: Glioma 75%');
    expect(JSON.stringify(report)).not.toContain('Budi');
  });

  test('only as many rows as a page has room for, fewer beside a long note', () => {
    const many = Array.from({ length: 40 }, (_, place) => reading({ id: String(place) }));
    expect(reportOf(of(many))).toMatchObject({ more: 32 });
    expect(reportOf(of(many, 'line\n'.repeat(9)))).toMatchObject({ more: 35 });
  });

  test('nothing where nothing was read', () => {
    expect(reportOf(of([tumour]))).toBeDefined();
    const empty = of([tumour]);
    empty.outcomes.length = 0;
    expect(reportOf(empty)).toBeUndefined();
  });
});

describe('the lines of a note', () => {
  test('break between words, and within a long one', () => {
    expect(lines('')).toEqual([]);
    expect(lines(' \n ')).toEqual([]);
    expect(lines('one\n\ntwo')).toEqual(['one', '', 'two']);
    expect(lines('x'.repeat(100))).toEqual(['x'.repeat(90), 'x'.repeat(10)]);
    expect(lines(`${'word '.repeat(20)}end`)).toEqual([Array(18).fill('word').join(' '), 'word word end']);
  });

  test('end with a word about the rest', () => {
    const found = lines('line\n'.repeat(30));
    expect(found).toHaveLength(10);
    expect(found.at(-1)).toMatch(/goes on in the history/);
  });
});

test('a PDF names where its objects are', async () => {
  const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xd9]);
  const bytes = new Uint8Array(await pdfOf(jpeg, 2, 3).arrayBuffer());
  const text = String.fromCharCode(...bytes);
  const start = Number(/startxref\n(\d+)/.exec(text)![1]);
  expect(text.slice(start, start + 4)).toBe('xref');
  const offsets = [...text.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) =>
    Number(offset),
  );
  expect(offsets.map((offset) => text.slice(offset, offset + 7))).toEqual(
    [1, 2, 3, 4, 5].map((number) => `${number} 0 obj`),
  );
  expect(text).toContain(`/Length 4 >>\nstream\n${String.fromCharCode(...jpeg)}\nendstream`);
});
