/** Measuring this device, until it is done or something else is looked at. */

import { Measurement } from '../readings/measurement';
import { showMeasuring } from '../views/measure';
import { change, state } from './state';

export async function measure(): Promise<void> {
  const measurement = new Measurement();
  change({ measurement });
  document.getElementById('measuring')?.focus();
  await measurement.run(() => {
    showMeasuring(measurement);
  });
  if (state.measurement !== measurement) {
    return;
  }
  if (!measurement.done && !measurement.failed) {
    state.measurement = undefined;
  }
  if (state.view === 'about') {
    change({});
    document.getElementById('measured')?.focus();
  }
}

export function stopMeasuring(): void {
  state.measurement?.cancel();
}
