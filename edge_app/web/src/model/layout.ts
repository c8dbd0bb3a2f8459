/** The twin of `edge_app/layout.py`: how a picture is laid out, in integers throughout. */

import { grey, type Picture } from './preprocessing';

const MARGIN = 24; // a grey level of the model's input that no margin exceeds
const CONTENT_SHARE = 32; // a row or column is content where 1/32 of its pixels are
const SIDE_SHARE = 5; // what lies on either side of a gutter holds at least 1/5 of the whole
const UNEVEN = 5; // a line of this many times less unevenness counts as much as an empty one

const STRIP = 4; // samples, how deep a bar is at least
const ALIKE = 8; // grey levels within which a strip is even; buttons may stand on it

const TEXT_SAMPLES = 512; // at most so many rows and columns are searched for text
const LETTERS = 24; // samples across that are looked at together: some three letters
const STROKE = 40; // grey levels from paper to ink, at least
const PAPER = 16; // grey levels above the darkest that are still paper
const REACH = 8; // samples from a row of text to empty rows above and below

/** Lines of pixels, all of one length: the rows of a plane, or its columns. */
type Lines = Uint8Array[];

/** The part of a model's input (size, size) that holds more than margin: its rows, and its columns. */
export function content(plane: Uint8Array, size: number): { rows: Lines; columns: Lines } {
  const rows = Array.from({ length: size }, (_, y) => plane.subarray(y * size, (y + 1) * size));
  const all = transpose(rows, size);
  const [top, bottom] = filled(rows);
  const [left, right] = filled(all);
  if (top < 0 || left < 0) {
    return { rows: [], columns: [] };
  }
  return {
    rows: rows.slice(top, bottom + 1).map((row) => row.subarray(left, right + 1)),
    columns: all.slice(left, right + 1).map((column) => column.subarray(top, bottom + 1)),
  };
}

function transpose(lines: Lines, length: number): Lines {
  return Array.from({ length }, (_, place) => Uint8Array.from(lines, (line) => line[place]!));
}

/** The first and the last line that holds more than margin; -1 where there is none. */
function filled(lines: Lines): [number, number] {
  const full = (line: Uint8Array): boolean => contents(line) * CONTENT_SHARE > line.length;
  return [lines.findIndex(full), lines.findLastIndex(full)];
}

function contents(line: Uint8Array): number {
  return line.reduce((count, level) => count + (level > MARGIN ? 1 : 0), 0);
}

/** The width in percent of the height; 100 for nothing at all. */
export function aspect(rows: Lines): number {
  return rows.length ? Math.floor((rows[0]!.length * 100) / rows.length) : 100;
}

/** How full the emptiest row or column between two fuller ones is, in percent of the less full. */
export function gutter(rows: Lines, columns: Lines): number {
  return rows.length ? Math.min(emptiest(columns), emptiest(rows)) : 100;
}

function emptiest(lines: Lines): number {
  return Math.min(valley(lines.map(contents)), UNEVEN * valley(lines.map(unevenness)));
}

function unevenness(line: Uint8Array): number {
  const level = middle(line);
  return line.reduce((sum, other) => sum + Math.abs(other - level), 0);
}

function middle(line: Uint8Array): number {
  return line.slice().sort()[Math.floor(line.length / 2)]!;
}

function valley(profile: number[]): number {
  const total = profile.reduce((sum, value) => sum + value, 0);
  const after = profile.slice();
  for (let place = profile.length - 2; place >= 0; place--) {
    after[place] = Math.max(after[place]!, after[place + 1]!);
  }
  let least = 100;
  let sum = 0;
  let peak = 0;
  profile.forEach((value, place) => {
    sum += value;
    peak = Math.max(peak, value);
    if (total > 0 && sum * SIDE_SHARE >= total && (total - sum) * SIDE_SHARE >= total) {
      least = Math.min(least, Math.floor((value * 100) / Math.max(Math.min(peak, after[place]!), 1)));
    }
  });
  return least;
}

/** How much two halves differ, in percent of how uneven they are; 100 is the most. */
export function halves(rows: Lines, columns: Lines): number {
  return Math.min(difference(rows), difference(columns));
}

function difference(lines: Lines): number {
  const count = Math.floor(lines.length / 2);
  if (count === 0) {
    return 100;
  }
  const [first, second] = [lines.slice(0, count), lines.slice(-count)] as const;
  const uneven = unevenness(joined(first)) + unevenness(joined(second));
  return uneven ? Math.min(100, Math.floor((apart(first, second) * 100) / uneven)) : 100;
}

function joined(lines: Lines): Uint8Array {
  const all = new Uint8Array(lines.length * lines[0]!.length);
  lines.forEach((line, place) => {
    all.set(line, place * line.length);
  });
  return all;
}

/** How much the content differs from itself turned left to right, percent of upside down. */
export function mirror(rows: Lines, columns: Lines): number {
  const inverse = apart(rows, rows.toReversed());
  return inverse ? Math.floor((apart(columns, columns.toReversed()) * 100) / inverse) : 100;
}

function apart(lines: Lines, others: Lines): number {
  return lines.reduce(
    (sum, line, place) =>
      line.reduce((sum, level, index) => sum + Math.abs(level - others[place]![index]!), sum),
    0,
  );
}

/**
 * How much brighter an even strip along one edge is than the edge that is darkest.
 *
 * @param rows Of the sampled picture.
 */
export function bar(rows: Lines): number {
  const columns = transpose(rows, rows[0]!.length);
  const strips = [rows, rows.toReversed(), columns, columns.toReversed()].map((lines) =>
    lines.slice(0, STRIP),
  );
  const levels = strips.map((strip) => middle(strip[0]!));
  const even = levels.filter((level, place) =>
    strips[place]!.every(
      (line) => line.filter((other) => Math.abs(other - level) <= ALIKE).length * 5 >= line.length * 3,
    ),
  );
  return even.length ? Math.max(...even) - Math.min(...levels) : 0;
}

/** Counts lines of bright letters on even paper, left and right, and again a step more coarsely. */
export function textLines(picture: Picture): number {
  const step = Math.ceil(Math.max(picture.width, picture.height) / TEXT_SAMPLES);
  return linesAt(picture, step) + linesAt(picture, step + 1);
}

function linesAt(picture: Picture, step: number): number {
  const [ys, xs] = [middles(picture.height, step), middles(picture.width, step)];
  const blocks = Math.max(1, Math.floor(xs.length / LETTERS));
  const across = Math.min(LETTERS, xs.length);
  const line = new Uint8Array(across);
  const strokes = new Uint8Array(ys.length * blocks);
  const papers = new Uint8Array(ys.length * blocks);
  ys.forEach((y, row) => {
    for (let block = 0; block < blocks; block++) {
      for (let place = 0; place < across; place++) {
        line[place] = grey(picture.data, 4 * (y * picture.width + xs[block * LETTERS + place]!));
      }
      const index = row * blocks + block;
      [strokes[index], papers[index]] = letters(line);
    }
  });
  const empty = (row: number, block: number): boolean => papers[row * blocks + block] === across;
  const text = (row: number, block: number): boolean => {
    const index = row * blocks + block;
    return (
      strokes[index]! >= 2 &&
      papers[index]! * 5 >= across * 2 &&
      near(row, (other) => other >= 0 && empty(other, block), -1) &&
      near(row, (other) => other < ys.length && empty(other, block), 1)
    );
  };
  const half = Math.floor((blocks + 1) / 2);
  return [
    [0, half],
    [half, blocks],
  ].reduce((lines, [first, end]) => {
    const rows = ys.map((_, row) => {
      for (let block = first!; block < end!; block++) {
        if (text(row, block)) {
          return true;
        }
      }
      return false;
    });
    return lines + rows.filter((found, row) => found && !rows[row - 1]).length;
  }, 0);
}

/** How many strokes begin on paper, and how much paper there is. */
function letters(line: Uint8Array): [number, number] {
  let darkest = 255;
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator takes several times as long here
  for (let place = 0; place < line.length; place++) {
    darkest = line[place]! < darkest ? line[place]! : darkest;
  }
  const paper = darkest + PAPER;
  let strokes = 0;
  let papers = 0;
  for (let place = 0; place < line.length; place++) {
    if (line[place]! <= paper) {
      papers++;
      strokes += place + 1 < line.length && line[place + 1]! - line[place]! > STROKE ? 1 : 0;
    }
  }
  return [strokes, papers];
}

/** Tells whether one of the next rows in a direction is such a row. */
function near(row: number, such: (row: number) => boolean, direction: 1 | -1): boolean {
  for (let distance = 1; distance <= REACH; distance++) {
    if (such(row + direction * distance)) {
      return true;
    }
  }
  return false;
}

/** The middle of each `step` rows or columns; the last few beyond whole steps are left. */
export function middles(side: number, step: number): number[] {
  const reach = Math.min(step, side);
  const count = Math.max(1, Math.floor(side / step));
  return Array.from({ length: count }, (_, index) => index * reach + Math.floor(reach / 2));
}
