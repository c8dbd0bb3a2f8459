/** One slice that was read: an answer, and what is kept beside it. */

import type { Place } from '../shared/choices';
import type { Label } from '../model/bundle';
import type { Quality } from '../model/quality';
import type { Answer, Model } from './answer';

/** Those of version 0.1 lack what is optional here. */
export interface Reading extends Omit<Answer, 'quality' | 'model' | 'frame' | 'frames'> {
  quality?: Quality;
  frame?: number;
  frames?: number;
  model: Omit<Model, 'precision' | 'temperature'> & Partial<Model>;
  id: string;
  /** Milliseconds since 1970. */
  time: number;
  place: Place;
  labels: Label[];
  /** JPEG, as it is shown. */
  picture: Blob;
  /** Where the clinic's device keeps it. */
  logged?: Logged;
}

/** A slice's case in the log of the clinic's device. */
export interface Logged {
  id: string;
  /** The patient's code that it has there. */
  code: string;
}

export function readingOf(answer: Answer, place: Place, labels: Label[], picture: Blob): Reading {
  const random = crypto.getRandomValues(new Uint32Array(2));
  const time = Date.now();
  return { ...answer, id: `${time}-${random.join('-')}`, time, place, labels, picture };
}
