/** A PDF of one page of A4 that a JPEG fills: just what ISO 32000 asks for. */

const [WIDTH, HEIGHT] = [595.28, 841.89]; // points

/**
 * @param jpeg Of three colours.
 * @param width In pixels, as the height.
 */
export function pdfOf(jpeg: Uint8Array, width: number, height: number): Blob {
  const drawing = `q ${WIDTH} 0 0 ${HEIGHT} 0 0 cm /Page Do Q`;
  const picture =
    `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB ` +
    `/BitsPerComponent 8 /Filter /DCTDecode /Length ${jpeg.length}`;
  const objects: (string | Uint8Array)[][] = [
    ['<< /Type /Catalog /Pages 2 0 R >>'],
    ['<< /Type /Pages /Kids [3 0 R] /Count 1 >>'],
    [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] /Contents 4 0 R ` +
        '/Resources << /XObject << /Page 5 0 R >> >> >>',
    ],
    [`<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`],
    [`<< ${picture} >>\nstream\n`, jpeg, '\nendstream'],
  ];
  const parts: (string | Uint8Array)[] = ['%PDF-1.4\n'];
  const offsets: number[] = [];
  objects.forEach((object, place) => {
    offsets.push(sizeOf(parts));
    parts.push(`${place + 1} 0 obj\n`, ...object, '\nendobj\n');
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  const count = objects.length + 1;
  const start = sizeOf(parts);
  parts.push(
    `xref\n0 ${count}\n0000000000 65535 f \n${entries.join('')}`,
    `trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
  );
  return new Blob(parts as BlobPart[], { type: 'application/pdf' });
}

/** In bytes; the texts are ASCII. */
function sizeOf(parts: (string | Uint8Array)[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
