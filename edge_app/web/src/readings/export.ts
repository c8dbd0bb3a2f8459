/** The kept cases for other programs: a table for spreadsheets, and the answers' one JSON. */

import type { WholeCase } from './kept';

/** The readings as a table for spreadsheets. */
export function toCsv(cases: readonly WholeCase[]): string {
  const readings = cases.flatMap((whole) => whole.readings);
  const labels = [...new Set(readings.flatMap(({ probabilities }) => Object.keys(probabilities)))];
  const head = [
    ...['time', 'case', 'patient_code', 'name', 'verdict', 'label'],
    ...labels,
    ...['reasons', 'place', 'model', 'version', 'sha256', 'note'],
  ];
  const rows = cases.flatMap(({ kept, readings }) =>
    readings.map((reading) => [
      ...[new Date(reading.time).toISOString(), kept.id, kept.patientCode],
      ...[reading.name, reading.verdict, reading.label ?? ''],
      ...labels.map((label) => reading.probabilities[label]?.toFixed(4) ?? ''),
      ...[reading.reasons.join(' '), reading.place],
      ...[reading.model.name, reading.model.version, reading.model.sha256, kept.note],
    ]),
  );
  return [head, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('');
}

/** The readings as `otak predict --json` prints them, a line each, with the case and what was written about it. */
export function toJsonLines(cases: readonly WholeCase[]): string {
  return cases
    .flatMap(({ kept, readings }) =>
      readings.map(({ id, labels, logged, picture, time, ...answer }) => ({
        ...answer,
        time: new Date(time).toISOString(),
        case: kept.id,
        patient_code: kept.patientCode,
        note: kept.note,
      })),
    )
    .map((line) => JSON.stringify(line) + '\n')
    .join('');
}

function cell(text: string): string {
  // A spreadsheet would run what begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
