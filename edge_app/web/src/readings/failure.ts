/** Why a slice was not read, in a sentence. */

import { ImageError } from '../model/errors';
import { RecordError } from '../model/records';
import { isSingle } from '../shared/files';
import { say, type Key } from '../shared/language';
import { ClinicError, ClinicRefusal } from './clinic';
import { PhoneError } from './phone';
import type { CaseSlice } from './slice';

export interface Failure {
  slice: CaseSlice;
  /** In the language that is chosen then. */
  text: () => string;
  /** Whether the clinic's device may read it. */
  elsewhere: boolean;
  /** Whether the clinic's device reads it for those who sign in. */
  signIn: boolean;
  /** Whether it is the file's own fault; nothing may be said of a study that lacks a slice for another's. */
  unreadable: boolean;
}

// What the clinic's device says where the picture isn't to blame.
const ITS_OWN_FAULTS = [
  ...['busy', 'internal', 'bad_request', 'not_found'],
  ...['sign_in', 'forbidden', 'wait', 'wrong_host'],
];

export function failureOf(error: unknown, slice: CaseSlice): Failure {
  const { name } = slice;
  const because = (text: () => string, elsewhere = false): Failure => ({
    ...{ slice, text, elsewhere },
    signIn: error instanceof ClinicRefusal && error.code === 'sign_in',
    unreadable:
      error instanceof ImageError || (error instanceof ClinicRefusal && !ITS_OWN_FAULTS.includes(error.code)),
  });
  if (error instanceof ImageError) {
    if (error.code === 'dicom_compressed' && error !== slice.refusal && !isSingle()) {
      return because(() => say('app.dicom.clinic', { name }), true);
    }
    return because(() => say(`error.${error.code}` as Key, { name, limit: error.limit ?? 0 }));
  }
  if (error instanceof ClinicRefusal) {
    return because(() => error.message);
  }
  if (error instanceof ClinicError) {
    return because(() => say('app.clinic.failed'));
  }
  console.error(error instanceof PhoneError ? error.message : error);
  if (error instanceof RecordError) {
    return because(() => say('app.bundle.broken'));
  }
  if (isSingle()) {
    return because(() => say('app.phone.failed.single'));
  }
  return because(() => say('app.phone.failed'), true);
}
