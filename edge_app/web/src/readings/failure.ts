/** Why a slice was not read, in a sentence. */

import { ImageError } from '../model/errors';
import { RecordError } from '../model/records';
import type { Place } from '../shared/choices';
import { isSingle } from '../shared/files';
import { say, type Key } from '../shared/language';
import { ClinicError, ClinicRefusal } from './clinic';
import { PhoneError } from './phone';
import type { CaseSlice } from './slice';

export interface Failure {
  slice: CaseSlice;
  /** In the language that is chosen then. */
  text: () => string;
  /** Where it was not read, and where it may be now. */
  tried: Place;
  places: readonly Place[];
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

/** What went wrong, and where the slice may be read instead: never where it is known that it can't be. */
export function failureOf(error: unknown, slice: CaseSlice, tried: Place): Failure {
  const { name } = slice;
  const because = (text: () => string, ...places: Place[]): Failure => ({
    ...{ slice, text, tried, places },
    signIn: error instanceof ClinicRefusal && error.code === 'sign_in',
    unreadable:
      error instanceof ImageError || (error instanceof ClinicRefusal && !ITS_OWN_FAULTS.includes(error.code)),
  });
  const closedHere = (failure: Failure): Failure => ({ ...failure, slice: { ...slice, closedHere: true } });
  if (error instanceof ImageError) {
    if (error.elsewhere && !isSingle()) {
      return closedHere(because(() => say('app.dicom.clinic', { name }), 'clinic'));
    }
    return because(() => say(`error.${error.code}` as Key, { name, limit: error.limit ?? 0 }));
  }
  if (error instanceof ClinicRefusal) {
    return because(() => error.message, ...(error.code === 'busy' ? [tried] : []));
  }
  if (error instanceof ClinicError) {
    return slice.closedHere
      ? because(() => say('app.clinic.failed.alone'), 'clinic')
      : because(() => say('app.clinic.failed'), 'phone', 'clinic');
  }
  console.error(error instanceof PhoneError ? error.message : error);
  if (error instanceof RecordError) {
    return because(() => say('app.bundle.broken'));
  }
  if (isSingle()) {
    return because(() => say('app.phone.failed.single'));
  }
  return closedHere(because(() => say('app.phone.failed'), 'clinic'));
}
