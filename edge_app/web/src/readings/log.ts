/** The log of the clinic's device: there all slices of a case bear its patient's code, by which they are found. */

import { place } from '../shared/choices';
import type { Case } from './case';
import { writeCode } from './clinic';

/** Whether the patient's code is for the clinic's device too: it was chosen, and keeps slices of the case. */
export function isLogged({ logged }: Case): boolean {
  return place() === 'clinic' && logged;
}

let telling: Promise<unknown> = Promise.resolve();

/**
 * Writes a case's code to each of its slices in the log that has another one.
 *
 * @throws ClinicError, ClinicRefusal
 */
export async function tellCode(opened: Case): Promise<void> {
  // In turn, so that the code that was written last is the one that stays.
  const told = telling.then(async () => tellAll(opened));
  telling = told.catch(() => undefined);
  return told;
}

async function tellAll(opened: Case): Promise<void> {
  for (const { logged } of opened.readings) {
    const { patientCode } = opened;
    if (isLogged(opened) && logged && logged.code !== patientCode) {
      await writeCode(logged.id, patientCode);
      logged.code = patientCode;
    }
  }
}
