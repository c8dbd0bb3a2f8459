/** A case as the history keeps it: all that its list needs, without the readings themselves. */

import { judgeStudy, type StudyPrediction } from '../model/study';
import { encode } from './slice';
import type { Reading } from './reading';

/** What a list says of a reading. */
export type Summary = Pick<Reading, 'verdict' | 'label' | 'labels' | 'probabilities'>;

/** What the user writes about a case. */
export interface Written {
  patientCode: string;
  note: string;
}

/** What belongs to a case as a whole. */
export interface CaseFacts extends Written {
  id: string;
  /** The answer of the study; null of a single slice. */
  study: StudyPrediction | null;
  /** Absent where every slice was read. */
  extent?: Extent | undefined;
  /** Whether files have frames that were never looked for; absent of older cases. */
  framesLeft?: boolean;
}

/** How much of a case was read, where that isn't all of it. */
export interface Extent {
  chosen: number;
  /** Fewer than were chosen where it was cancelled. */
  tried: number;
  /** Of each reading its number among the slices, from 1. */
  numbers: readonly number[];
}

export interface KeptCase extends CaseFacts {
  /** Milliseconds since 1970. */
  time: number;
  /** The ids of its readings, in the order of its slices. */
  readings: readonly string[];
  /** Of the files, where the user has them kept: a name is often the patient's. */
  names: readonly string[];
  mostSuspicious: Summary;
}

/** A case with all that is kept of it. */
export interface WholeCase {
  kept: KeptCase;
  readings: Reading[];
  /** The most suspicious slice, as `thumbnailOf` draws it; null where none was drawn, as by older versions. */
  thumbnail: string | null;
}

const SIDE = 128; // pixels of a thumbnail: 64 on a screen of double density

/**
 * Sums a case up.
 *
 * @param readings At least one, in the order of the slices.
 */
export function summed(facts: CaseFacts, readings: readonly Reading[], names: readonly string[]): KeptCase {
  const { verdict, label, labels, probabilities } = mostSuspicious(readings);
  const { id, patientCode, note, study, extent, framesLeft } = facts;
  return {
    ...{ id, patientCode, note, study, names },
    ...(extent && { extent }),
    ...(framesLeft && { framesLeft }),
    time: readings[0]!.time,
    readings: readings.map((reading) => reading.id),
    mostSuspicious: { verdict, label, labels, probabilities },
  };
}

/** The reading that most probably shows a tumour; of those that were refused the first. */
export function mostSuspicious(readings: readonly Reading[]): Reading {
  return readings[judgeStudy([...readings], null).order[0]!]!;
}

/** Draws a picture on a square of fixed size, as a JPEG in a data address. */
export async function thumbnailOf(picture: Blob): Promise<string> {
  const bitmap = await createImageBitmap(picture);
  const scale = SIDE / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  const jpeg = await encode({ width: SIDE, height: SIDE }, 'image/jpeg', (context) => {
    context.fillRect(0, 0, SIDE, SIDE);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  });
  bitmap.close();
  const bytes = new Uint8Array(await jpeg.arrayBuffer());
  return `data:image/jpeg;base64,${btoa(String.fromCharCode(...bytes))}`;
}
