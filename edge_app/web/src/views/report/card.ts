/** The ways to a report: printed, or shared as a file. */

import type { Case } from '../../readings/case';
import { download } from '../../shared/download';
import { button, h } from '../../shared/dom';
import { say } from '../../shared/language';
import { reportOf, type Report } from './content';
import { drawReport } from './drawing';
import { pdfOf } from './pdf';

type Kind = 'pdf' | 'png';

export function reportCard(opened: Case): HTMLElement {
  const trouble = h('div', { class: 'trouble' });
  const share = (kind: Kind): void => {
    trouble.replaceChildren();
    shareReport(opened, kind).catch((error: unknown) => {
      console.error(error);
      trouble.replaceChildren(h('p', { role: 'alert' }, say('report.failed')));
    });
  };
  return h(
    'section',
    { class: 'card no-print' },
    h('h2', {}, say('report.share')),
    h('p', { class: 'note' }, say('report.hint')),
    h(
      'div',
      { class: 'actions' },
      button(
        say('app.print'),
        () => {
          window.print();
        },
        'plain',
      ),
      button(
        say('report.share.pdf'),
        () => {
          share('pdf');
        },
        'plain',
      ),
      button(
        say('report.share.png'),
        () => {
          share('png');
        },
        'plain',
      ),
    ),
    trouble,
  );
}

/** Shares a report where the browser can, and saves it where not. */
async function shareReport(opened: Case, kind: Kind): Promise<void> {
  const report = reportOf(opened);
  if (!report) {
    return;
  }
  const blob = await fileOf(report, kind);
  // No patient's code: the name of a file is seen by many.
  const stamp = new Date().toISOString().slice(0, 16).replace(/[:T]/g, '-');
  const file = new File([blob], `otak-${stamp}.${kind}`, { type: blob.type });
  // Absent over plain http, and in some browsers.
  if (!('canShare' in navigator) || !navigator.canShare({ files: [file] })) {
    download(file, file.name);
    return;
  }
  try {
    await navigator.share({ files: [file] });
  } catch (error) {
    if ((error as DOMException).name === 'NotAllowedError') {
      // The browser asks for a newer tap than that before a slow drawing.
      download(file, file.name);
    } else if ((error as DOMException).name !== 'AbortError') {
      throw error;
    }
  }
}

async function fileOf(report: Report, kind: Kind): Promise<Blob> {
  const canvas = await drawReport(report);
  const { width, height } = canvas;
  const type = kind === 'png' ? 'image/png' : 'image/jpeg';
  const picture = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, type, 0.9);
  });
  canvas.width = 0;
  if (!picture) {
    throw new Error('the report could not be drawn');
  }
  return kind === 'png' ? picture : pdfOf(new Uint8Array(await picture.arrayBuffer()), width, height);
}
