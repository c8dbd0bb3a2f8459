import { expect, test } from 'vitest';
import { toCsv, toJsonLines } from '../../src/readings/export';
import { summed, type CaseFacts, type WholeCase } from '../../src/readings/kept';
import type { Reading } from '../../src/readings/reading';
import { reading } from './samples';

function whole(readings: Reading[], facts: Partial<CaseFacts> = {}): WholeCase {
  const known = { id: '7', patientCode: 'P7', note: '', study: null, ...facts };
  return { kept: summed(known, readings, []), readings, thumbnail: null };
}

test('a line for each reading', () => {
  expect(toCsv([whole([reading({}), reading({ label: null, verdict: 'refused' })])])).toBe(
    'time,case,patient_code,name,verdict,label,glioma,no_tumor,reasons,place,model,version,sha256,note\r\n' +
      '2026-01-02T03:04:05.000Z,7,P7,a.jpg,answer,glioma,0.7500,0.2500,uncalibrated,phone,toy,1,ab,\r\n' +
      '2026-01-02T03:04:05.000Z,7,P7,a.jpg,refused,,0.7500,0.2500,uncalibrated,phone,toy,1,ab,\r\n',
  );
});

test('names and notes play no tricks on a spreadsheet', () => {
  const named = reading({ name: '=HYPERLINK("x")' });
  const table = toCsv([whole([named], { patientCode: '+1', note: 'two\nlines, one "quoted"' })]);
  expect(table).toContain(`"'=HYPERLINK(""x"")"`);
  expect(table).toContain(",'+1,");
  expect(table).toContain('"two\nlines, one ""quoted"""');
});

test('an object a line, as the server and the command line give it', () => {
  const lines = toJsonLines([whole([reading({}), reading({})], { note: 'look again' })])
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(2);
  const { time, place, note, patient_code, ...rest } = JSON.parse(lines[0]!) as Record<string, unknown>;
  expect([time, place, note, patient_code]).toEqual([
    '2026-01-02T03:04:05.000Z',
    'phone',
    'look again',
    'P7',
  ]);
  const { case: id, ...answer } = rest;
  expect(id).toBe('7');
  expect(Object.keys(answer).sort()).toEqual(
    [
      ...['heatmap', 'in_distribution', 'label', 'machine', 'milliseconds', 'model', 'name', 'probabilities'],
      ...['quality', 'frame', 'frames', 'reasons', 'runtime', 'thresholds', 'verdict'],
    ].sort(),
  );
});
