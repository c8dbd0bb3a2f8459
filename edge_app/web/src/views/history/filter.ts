/** Which cases of the history are looked for. */

import type { KeptCase } from '../../readings/kept';
import { NO_TUMOUR } from '../../model/verdict';
import { labelName, shortHeadline } from '../wording';

export const KINDS = ['all', 'tumour', 'none', 'unsure', 'refused'] as const;
export type Kind = (typeof KINDS)[number];

/** What is looked for; kept while other views are shown. */
export interface Filter {
  text: string;
  kind: Kind;
  /** How many rows are drawn; more as they come into view. */
  rows: number;
}

/** The cases of a kind that hold every word: in code, note, names of files or answer, whatever its letters' case. */
export function matching(cases: readonly KeptCase[], { text, kind }: Filter): KeptCase[] {
  const words = text.toLowerCase().split(/\s+/);
  return cases.filter((kept) => {
    const held = textOf(kept);
    return (kind === 'all' || kindOf(kept) === kind) && words.every((word) => held.includes(word));
  });
}

function textOf({ patientCode, note, names, mostSuspicious }: KeptCase): string {
  const { label } = mostSuspicious;
  const answer = [shortHeadline(mostSuspicious), label === null ? '' : labelName(mostSuspicious, label)];
  return [patientCode, note, ...names, ...answer].join('\n').toLowerCase();
}

function kindOf({ mostSuspicious: { verdict, label } }: KeptCase): Kind {
  if (verdict !== 'answer') {
    return verdict;
  }
  return label === NO_TUMOUR ? 'none' : 'tumour';
}
