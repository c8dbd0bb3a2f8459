/** The readings for other programs: a table for spreadsheets, and the answers' one JSON. */

import type { Reading } from './reading';

/** The readings as a table for spreadsheets. */
export function toCsv(readings: readonly Reading[]): string {
  const labels = [...new Set(readings.flatMap(({ probabilities }) => Object.keys(probabilities)))];
  const head = [
    'time',
    'name',
    'verdict',
    'label',
    ...labels,
    'reasons',
    'place',
    'model',
    'version',
    'sha256',
    'note',
  ];
  const rows = readings.map((reading) => [
    new Date(reading.time).toISOString(),
    reading.name,
    reading.verdict,
    reading.label ?? '',
    ...labels.map((label) => reading.probabilities[label]?.toFixed(4) ?? ''),
    reading.reasons.join(' '),
    reading.place,
    reading.model.name,
    reading.model.version,
    reading.model.sha256,
    reading.note,
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('');
}

/** The readings as `otak predict --json` prints them, a line each, with what was noted. */
export function toJsonLines(readings: readonly Reading[]): string {
  return readings
    .map(({ id, labels, picture, time, ...kept }) => ({
      ...kept,
      time: new Date(time).toISOString(),
    }))
    .map((line) => JSON.stringify(line) + '\n')
    .join('');
}

function cell(text: string): string {
  // A spreadsheet would run what begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
