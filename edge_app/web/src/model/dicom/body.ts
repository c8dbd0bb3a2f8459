/** The twin of `edge_app/dicom/body.py`: which part of the body a file says that it shows. */

import type { Elements } from './elements';
import type { Frames } from './frames';
import { Tag } from './tags';

const HEAD = 'HEAD BRAIN SKULL CRANI CEREBR CEPHAL PITUIT SELLA AUDITORY KEPALA OTAK'.split(' ');
const WORD = /[A-Z]+/g;
const EAR = 'IAC';
const NOTHING = ['', 'UNKNOWN', 'OTHER'];
const OLD_CODES = ['T-A0100', 'T-D1100', 'T-11100', 'T-D1000', 'T-B1000', 'T-AB959'];
const CODES = [...OLD_CODES, '12738006', '69536005', '89546000', '774007', '56329008', '361078006'];

/** Tells whether a file says that it shows a head, or says nothing of a part. */
export function isOfHead(file: Elements, frames: Frames): boolean {
  const anatomies = frames.about(0, Tag.FRAME_ANATOMIES);
  const regions = anatomies.flatMap((anatomy) => anatomy.items(Tag.ANATOMIC_REGIONS));
  const said = regions.map((region) => {
    const code = region.text(Tag.CODE_VALUE);
    return CODES.includes(code) ? 'HEAD' : region.text(Tag.CODE_MEANING) || code;
  });
  const parts = [file.text(Tag.BODY_PART), ...said].map((part) => part.toUpperCase());
  const named = parts.filter((part) => !NOTHING.includes(part));
  return named.length === 0 || named.some(isHead);
}

function isHead(part: string): boolean {
  return HEAD.some((word) => part.includes(word)) || (part.match(WORD)?.includes(EAR) ?? false);
}
