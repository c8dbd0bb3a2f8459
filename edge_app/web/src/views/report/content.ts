/** What a report says of a case: the same on paper, as a picture and as a PDF. */

import { NO_TUMOUR } from '../../model/verdict';
import type { PackedHeatmap } from '../../readings/answer';
import type { Case } from '../../readings/case';
import type { Reading } from '../../readings/reading';
import { clinic } from '../../shared/choices';
import { say } from '../../shared/language';
import { bySuspicion, type Numbered } from '../strip';
import { gapTexts, studyHeadline, studyNotes } from '../study';
import * as wording from '../wording';

const ROWS = 8; // of the table that a page has room for
const FEWER = 5; // beside a long note
const LINES = 10; // of a note
const LONG = 5;
const LETTERS = 90; // that a line surely has room for

export interface Row {
  number: string;
  answer: string;
  /** How probable a tumour is; empty where nothing is said. */
  tumour: string;
}

export interface Report {
  clinic: string;
  patientCode: string;
  date: string;
  headline: string;
  /** Beside the headline; empty where there is none. */
  percent: string;
  texts: string[];
  /** The most suspicious slice. */
  picture: Blob;
  caption: string;
  /** Null where it would contradict the words, and where there is none. */
  heatmap: PackedHeatmap | null;
  /** Empty where the case has one slice. */
  rows: Row[];
  /** How many slices are left out of the rows. */
  more: number;
  /** Lines of the note. */
  note: string[];
  model: string;
}

/** Sums a case up in the chosen language; undefined where nothing was read. */
export function reportOf(opened: Case): Report | undefined {
  const slices = bySuspicion(opened);
  const [first] = slices;
  if (!first) {
    return undefined;
  }
  const { reading } = first;
  const note = lines(opened.note);
  const rows = slices.length > 1 ? slices.slice(0, note.length > LONG ? FEWER : ROWS).map(rowOf) : [];
  return {
    clinic: clinic(),
    patientCode: opened.patientCode,
    date: wording.date(reading.time),
    ...answerOf(opened, reading),
    picture: reading.picture,
    caption: captionOf(first, slices.length),
    heatmap: reading.verdict === 'refused' || reading.label === NO_TUMOUR ? null : reading.heatmap,
    rows,
    more: slices.length > 1 ? slices.length - rows.length : 0,
    note,
    model: modelOf(reading),
  };
}

/** The study's answer, or that of the most suspicious slice where there is none. */
function answerOf(opened: Case, reading: Reading): Pick<Report, 'headline' | 'percent' | 'texts'> {
  const { study, readings } = opened;
  if (study) {
    const labels = readings.map(({ label }) => label);
    return { headline: studyHeadline(study), percent: '', texts: studyNotes(study, labels) };
  }
  return {
    headline: wording.headline(reading),
    percent: wording.certainty(reading),
    texts: [
      ...gapTexts(opened),
      ...wording.guess(reading),
      // Of several slices the caption names the one.
      ...(readings.length > 1 ? [] : wording.origin(reading)),
      ...wording.limitations(reading),
      ...(reading.verdict === 'answer' ? [] : wording.reasons(reading)),
      wording.advice(reading),
    ],
  };
}

function captionOf({ reading, number }: Numbered, count: number): string {
  if (count === 1) {
    return say('report.picture');
  }
  const answer = [wording.shortHeadline(reading), wording.certainty(reading)].filter(Boolean).join(' ');
  return `${say('report.slice', { number })}: ${answer}`;
}

function rowOf({ reading, number }: Numbered): Row {
  const { verdict, probabilities } = reading;
  return {
    number: String(number),
    answer: wording.shortHeadline(reading),
    tumour: verdict === 'refused' ? '' : wording.percent(1 - (probabilities[NO_TUMOUR] ?? 0)),
  };
}

function modelOf({ model, place, runtime, machine }: Reading): string {
  const computed = say(`app.details.place.${place}`, { runtime, machine });
  const hash = `${model.sha256.slice(0, 12)}…`;
  return say('report.model', { name: `${model.name} ${model.version}`, hash, computed });
}

/** As many lines of a note as there is room for; the last one tells where there are more. */
export function lines(note: string): string[] {
  const all = note.trim() === '' ? [] : note.trim().split('\n').flatMap(wrapped);
  return all.length > LINES ? [...all.slice(0, LINES - 1), say('report.note.cut')] : all;
}

/** A line in pieces that fit, broken between words where they aren't longer than a line. */
function wrapped(line: string): string[] {
  const pieces = line.match(new RegExp(`.{1,${LETTERS}}(?:\\s+|$)|.{${LETTERS}}`, 'gu')) ?? [''];
  return pieces.map((piece) => piece.trimEnd());
}
