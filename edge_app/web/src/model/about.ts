/** The twin of `edge_app/about.py`, which explains every field: what clinicians should know of a model. */

import { load } from '../shared/files';
import { defaultFile, described, text, type Bundle } from './bundle';
import {
  choice,
  integer,
  list,
  nullable,
  number,
  parse,
  pattern,
  record,
  RecordError,
  type Read,
} from './records';

const MAX_CHARACTERS = 65_536; // what ships has less than 10,000

const count = integer(0, 1e9);
const share = nullable(number(0, 1));

const figure = record({ count, of: count, low: share, high: share });

const part = record({
  ...{ name: text, slices: count, groups: count },
  wrong: nullable(figure),
  missed: nullable(figure),
  found: nullable(figure),
  cleared: nullable(figure),
});

const description = record({
  schema: choice(1),
  sha256: described.sha256,
  slices: record({ train: count, validation: count, test: count }),
  collections: list(text),
  unseen_labels: list(text),
  unknown: list(choice('children', 'treated', 'other_diseases', 'follow_up', 'other_pictures')),
  licence: nullable(text),
  measured: nullable(
    record({
      date: pattern(/^\d{4}-\d\d-\d\d$/),
      parts: list(part),
      sequences: list(part),
      ct_passed: nullable(figure),
    }),
  ),
});

export type Figure = Read<typeof figure>;
export type Part = Read<typeof part>;
export type About = Read<typeof description>;

/**
 * Reads an `about.json`.
 *
 * @returns Nothing where it is about another model.
 * @throws RecordError Where anything is missing, unknown or senseless.
 */
export function readAbout(json: string, bundle: Bundle): About | undefined {
  if (json.length > MAX_CHARACTERS) {
    throw new RecordError('about.json: is larger than any that Otak wrote');
  }
  const found = parse(json, description, 'about.json');
  return found.sha256 === defaultFile(bundle).sha256 ? found : undefined;
}

/** What the server says about the bundle's model, if it does. */
export async function fetchAbout(bundle: Bundle): Promise<About | undefined> {
  try {
    const response = await load('/about.json');
    return response.ok ? readAbout(await response.text(), bundle) : undefined;
  } catch (error) {
    // Older bundles lack it, and nothing is decided by it.
    console.warn(error);
    return undefined;
  }
}
