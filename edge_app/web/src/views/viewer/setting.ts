/** How a case is looked at: kept from slice to slice, and gone with the case. */

import { NO_TUMOUR } from '../../model/verdict';
import type { Reading } from '../../readings/reading';
import { WHOLE, type View } from './geometry';
import { AS_READ, type Windowing } from './windowing';

export interface Setting {
  view: View;
  windowing: Windowing;
  /** What a finger or the mouse does when it moves. */
  tool: 'move' | 'window';
  /** What stands beside the slice: nothing, its heat, what the model saw, or another slice by its id. */
  beside: string;
  full: boolean;
  /** Whether the panel is open. */
  more: boolean;
  /** How strong the heat of a reading is shown, in percent, by its id, where that was chosen. */
  strengths: Map<string, number>;
}

const STRENGTH = 60; // percent

let kept: { of: string; setting: Setting } | undefined;

/** How this case is looked at. */
export function settingOf(id: string): Setting {
  if (kept?.of !== id) {
    const setting: Setting = {
      ...{ view: WHOLE, windowing: AS_READ, tool: 'move', beside: '', full: false, more: false },
      strengths: new Map(),
    };
    kept = { of: id, setting };
  }
  return kept.setting;
}

export function strengthOf({ id, label }: Reading, { strengths }: Setting): number {
  // A patch of colour contradicts the words where no tumour is seen.
  return strengths.get(id) ?? (label === NO_TUMOUR ? 0 : STRENGTH);
}
