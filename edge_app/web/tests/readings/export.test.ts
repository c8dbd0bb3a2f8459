import { expect, test } from 'vitest';
import { toCsv, toJsonLines } from '../../src/readings/export';
import { reading } from './samples';

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

test('an object a line, as the server and the command line give it', () => {
  const lines = toJsonLines([reading({ note: 'look again' }), reading({})])
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(2);
  const { time, place, note, ...answer } = JSON.parse(lines[0]!) as Record<string, unknown>;
  expect([time, place, note]).toEqual(['2026-01-02T03:04:05.000Z', 'phone', 'look again']);
  expect(Object.keys(answer).sort()).toEqual(
    [
      ...['heatmap', 'in_distribution', 'label', 'machine', 'milliseconds', 'model', 'name', 'probabilities'],
      ...['quality', 'frame', 'frames', 'reasons', 'runtime', 'thresholds', 'verdict'],
    ].sort(),
  );
});
