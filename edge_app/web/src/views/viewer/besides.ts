/** The panes of a viewer: the slice, and what stands beside it. */

import type { Reading } from '../../readings/reading';
import { say } from '../../shared/language';
import { certainty, shortHeadline } from '../wording';
import { InputPane, Pane } from './pane';

/** A pane, and the line below it where there is need of one. */
export interface Named {
  pane: Pane;
  caption: string;
}

/**
 * @param beside What stands beside the slice, as `Setting` says.
 * @param readings Of the case.
 */
export function makePanes(reading: Reading, beside: string, readings: readonly Reading[]): Named[] {
  const name = say('page.slice', { name: reading.name });
  if (beside === 'heat') {
    return [
      { pane: new Pane(reading, name, false), caption: say('viewer.plain') },
      { pane: new Pane(reading, say('viewer.side'), true), caption: captionOf(reading) },
    ];
  }
  const itself = { pane: new Pane(reading, name, true), caption: captionOf(reading) };
  if (beside === 'input') {
    return [itself, { pane: new InputPane(reading), caption: say('viewer.input') }];
  }
  const other = readings.find(({ id }) => id === beside);
  if (!other) {
    return [itself];
  }
  const pane = new Pane(other, say('viewer.other', { name: other.name }), true);
  itself.caption = `${itself.caption} · ${reading.name}`;
  return [itself, { pane, caption: `${captionOf(other)} · ${other.name}` }];
}

function captionOf(reading: Reading): string {
  const likely = certainty(reading);
  return likely ? `${shortHeadline(reading)}, ${likely}` : shortHeadline(reading);
}
