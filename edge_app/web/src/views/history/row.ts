/** A case in the history. */

import type { KeptCase } from '../../readings/kept';
import { NO_TUMOUR } from '../../model/verdict';
import { h, svg } from '../../shared/dom';
import { say } from '../../shared/language';
import { studyInBrief } from '../study';
import { date, percent, shortHeadline } from '../wording';
import { hour } from './days';

/** What can be done with a case. */
export interface RowActions {
  reopen: (kept: KeptCase) => Promise<void>;
  remove: (kept: KeptCase) => Promise<void>;
  thumbnail: (kept: KeptCase) => Promise<string | undefined>;
}

export function rowId({ id }: KeptCase): string {
  return `case-${id}`;
}

export function row(kept: KeptCase, actions: RowActions): HTMLElement {
  const { extent, mostSuspicious, patientCode, names, note, readings, study, time } = kept;
  const count = readings.length;
  const slices = extent
    ? say('app.history.slices.some', { count, all: extent.chosen })
    : count > 1 && say('app.history.slices', { count });
  // Of several the first one's name, which may not be that of the slice that is spoken of.
  const chosen = slices && names[0] ? `${slices}: ${names[0]} …` : slices || names[0];
  const facts = [patientCode, chosen].filter(Boolean).map((fact) => ` · ${fact}`);
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', class: 'open', id: rowId(kept), click: () => void actions.reopen(kept) },
      thumbnailIn(kept, actions),
      h(
        'span',
        {},
        h(
          'span',
          { class: 'said' },
          h('strong', {}, shortHeadline(mostSuspicious)),
          h('span', { class: 'percent' }, likelihood(kept)),
        ),
        h('small', {}, h('time', {}, hour(time)), facts.join('')),
        study && h('small', {}, studyInBrief(study)),
        note && h('small', { class: 'noted' }, note),
      ),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'plain delete',
        title: say('app.history.delete'),
        'aria-label': `${say('app.history.delete')}: ${patientCode || (names[0] ?? date(time))}`,
        click: () => void actions.remove(kept),
      },
      bin(),
    ),
  );
}

/** The percentage of what the headline names. */
function likelihood({ mostSuspicious: { verdict, label, probabilities } }: KeptCase): string {
  const named = verdict === 'answer' || (verdict === 'unsure' && label !== NO_TUMOUR);
  return named && label !== null ? percent(probabilities[label] ?? 0) : '';
}

function thumbnailIn(kept: KeptCase, { thumbnail }: RowActions): HTMLElement {
  const image = h('img', { alt: '', width: 64, height: 64, decoding: 'async' });
  thumbnail(kept).then(
    (address) => {
      image.src = address ?? '';
    },
    // A store that lost the picture leaves its place empty.
    () => undefined,
  );
  return image;
}

function bin(): SVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: 'icon' },
    svg('path', { d: 'M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5' }),
  );
}
