/** The panes of a viewer: the slice, and what stands beside it. */

import type { Reading } from '../../readings/reading';
import { say } from '../../shared/language';
import type { Numbered } from '../strip';
import { certainty, shortHeadline, sliceName } from '../wording';
import { InputPane, Pane } from './pane';

/** A pane, and the line below it where there is need of one. */
export interface Named {
  pane: Pane;
  caption: string;
}

/**
 * @param beside What stands beside the slice, as `Setting` says.
 * @param slices Of the case.
 */
export function makePanes(reading: Reading, beside: string, slices: readonly Numbered[]): Named[] {
  const name = say('page.slice', { name: sliceName(reading) });
  // On the whole screen nothing else says which of several it is.
  const caption = slices.length > 1 ? `${captionOf(reading)} · ${sliceName(reading)}` : captionOf(reading);
  if (beside === 'heat') {
    return [
      { pane: new Pane(reading, name, false), caption: say('viewer.plain') },
      { pane: new Pane(reading, say('viewer.side'), true), caption },
    ];
  }
  const itself = { pane: new Pane(reading, name, true), caption };
  if (beside === 'input') {
    return [itself, { pane: new InputPane(reading), caption: say('viewer.input') }];
  }
  const found = slices.find((slice) => slice.reading.id === beside);
  if (!found) {
    return [itself];
  }
  const other = found.reading;
  const pane = new Pane(other, say('viewer.other', { name: sliceName(other) }), true);
  return [itself, { pane, caption: `${captionOf(other)} · ${sliceName(other)}` }];
}

function captionOf(reading: Reading): string {
  const likely = certainty(reading);
  return likely ? `${shortHeadline(reading)}, ${likely}` : shortHeadline(reading);
}
