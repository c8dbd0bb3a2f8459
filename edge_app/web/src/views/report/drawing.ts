/** The report as a picture of an A4 page. */

import { say } from '../../shared/language';
import type { Report } from './content';
import { Pen } from './pen';
import { heatCanvas, OPACITY } from './pictures';

// Millimetres, as all lengths here.
const PAGE = { width: 210, height: 297 };
const MARGIN = 12;
const INNER = PAGE.width - 2 * MARGIN;
const GAP = 6;
const FOOT = 40; // of model, signatures and disclaimer
const SIDES = [75, 60, 45, 30]; // of the pictures, the largest that leaves room for all else

/** Draws a report at 200 dots an inch, black on white. */
export async function drawReport(report: Report): Promise<HTMLCanvasElement> {
  const picture = await createImageBitmap(report.picture);
  const heat = report.heatmap && heatCanvas(report.heatmap);
  const pen = new Pen(PAGE.width, PAGE.height);
  for (const side of SIDES) {
    pen.begin(MARGIN);
    head(pen, report);
    pictures(pen, report, { picture, heat, side });
    table(pen, report);
    note(pen, report);
    if (pen.y <= PAGE.height - MARGIN - FOOT) {
      break;
    }
  }
  foot(pen, report);
  picture.close();
  if (heat) {
    heat.width = 0;
  }
  return pen.canvas;
}

function head(pen: Pen, { clinic, patientCode, date, headline, percent, texts }: Report): void {
  const { y } = pen;
  pen.text(`Otak · ${say('report.title')}`, { x: MARGIN, width: 90, size: 4.5, bold: true });
  const below = pen.y;
  pen.y = y;
  pen.text(clinic, { x: MARGIN + 95, width: INNER - 95, size: 4.5, bold: true, right: true });
  pen.y = Math.max(pen.y, below) + 1;
  pen.line(MARGIN, INNER, 0.5);
  pen.y += 4;
  const facts = pen.y;
  pen.text(`${say('report.code')}: ${patientCode || '____________________'}`, {
    x: MARGIN,
    width: 95,
    size: 3.6,
  });
  pen.y = facts;
  pen.text(`${say('app.details.date')}: ${date}`, { x: MARGIN + 100, width: INNER - 100, size: 3.6 });
  pen.y += 4;
  const said = pen.y;
  pen.text(percent, { x: MARGIN, width: INNER, size: 5.5, bold: true, right: true });
  pen.y = said;
  pen.text(headline, { x: MARGIN, width: percent ? INNER - 25 : INNER, size: 5.5, bold: true });
  pen.y += 1;
  for (const text of texts) {
    pen.text(text, { x: MARGIN, width: INNER, size: 3.6 });
  }
  pen.y += 3;
}

interface Drawn {
  picture: ImageBitmap;
  heat: HTMLCanvasElement | null;
  side: number;
}

function pictures(pen: Pen, { caption }: Report, { picture, heat, side }: Drawn): void {
  const width = (INNER - GAP) / 2;
  const top = pen.y;
  const layers = heat ? [caption, say('page.heatmap')] : [caption];
  let bottom = top;
  layers.forEach((text, place) => {
    const x = MARGIN + place * (width + GAP);
    pen.y = top;
    pen.picture(picture, { x, width, height: side });
    if (heat && place === 1) {
      pen.picture(heat, { x, width, height: side, opacity: OPACITY });
    }
    pen.y = top + side + 1;
    pen.text(text, { x, width, size: 3 });
    bottom = Math.max(bottom, pen.y);
  });
  pen.y = bottom + 3;
}

function table(pen: Pen, { rows, more }: Report): void {
  if (rows.length === 0) {
    return;
  }
  pen.text(say('study.order'), { x: MARGIN, width: INNER, size: 3.6, bold: true });
  for (const { number, answer, tumour } of rows) {
    pen.line(MARGIN, INNER, 0.2);
    pen.y += 0.6;
    const { y } = pen;
    pen.text(say('report.slice', { number }), { x: MARGIN, width: 30, size: 3.6 });
    pen.y = y;
    pen.text(tumour, { x: MARGIN, width: INNER, size: 3.6, right: true });
    pen.y = y;
    pen.text(answer, { x: MARGIN + 35, width: INNER - 60, size: 3.6 });
  }
  if (more > 0) {
    pen.text(say('study.more', { count: more }), { x: MARGIN, width: INNER, size: 3.6 });
  }
  pen.y += 3;
}

function note(pen: Pen, { note: written }: Report): void {
  if (written.length > 0) {
    pen.text(say('app.note'), { x: MARGIN, width: INNER, size: 3.6, bold: true });
  }
  for (const line of written) {
    pen.text(line || ' ', { x: MARGIN, width: INNER, size: 3.6 });
  }
}

function foot(pen: Pen, { model }: Report): void {
  pen.y = PAGE.height - MARGIN - FOOT + 2;
  pen.text(model, { x: MARGIN, width: INNER, size: 2.9 });
  pen.y = PAGE.height - MARGIN - 16;
  const { y } = pen;
  pen.line(MARGIN, 115, 0.3);
  pen.y += 1;
  pen.text(say('report.signature'), { x: MARGIN, width: 115, size: 3 });
  pen.y = y;
  pen.line(MARGIN + 125, INNER - 125, 0.3);
  pen.y += 1;
  pen.text(say('report.signed'), { x: MARGIN + 125, width: INNER - 125, size: 3 });
  pen.y += 1;
  pen.text(`${say('disclaimer')} ${say('licence')}`, { x: MARGIN, width: INNER, size: 2.9 });
}
