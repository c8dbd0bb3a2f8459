/** Writes and draws on a page from top to bottom; lengths are millimetres. */

const DOTS = 200 / 25.4; // pixels a millimetre
const LEADING = 1.35; // lines apart, in sizes of letters

interface TextStyle {
  x: number;
  /** Longer lines are broken. */
  width: number;
  size: number;
  bold?: boolean;
  /** Whether lines end at the right edge. */
  right?: boolean;
}

interface Box {
  x: number;
  width: number;
  height: number;
  opacity?: number;
}

export class Pen {
  readonly canvas = document.createElement('canvas');
  /** Where the next thing begins. */
  y = 0;
  private readonly context: CanvasRenderingContext2D;

  constructor(width: number, height: number) {
    Object.assign(this.canvas, { width: Math.round(width * DOTS), height: Math.round(height * DOTS) });
    this.context = this.canvas.getContext('2d', { alpha: false })!;
  }

  /** Clears the page. */
  begin(y: number): void {
    this.context.fillStyle = '#fff';
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.context.fillStyle = '#000';
    this.y = y;
  }

  text(text: string, { x, width, size, bold = false, right = false }: TextStyle): void {
    const { context } = this;
    context.font = `${bold ? '600 ' : ''}${size * DOTS}px system-ui, sans-serif`;
    context.textAlign = right ? 'right' : 'left';
    context.textBaseline = 'top';
    for (const line of this.broken(text, width * DOTS)) {
      context.fillText(line, (right ? x + width : x) * DOTS, this.y * DOTS);
      this.y += size * LEADING;
    }
  }

  line(x: number, width: number, thickness: number): void {
    this.context.fillRect(x * DOTS, this.y * DOTS, width * DOTS, thickness * DOTS);
    this.y += thickness;
  }

  /** Draws a picture as large as a box allows, on black. */
  picture(picture: ImageBitmap | HTMLCanvasElement, { x, width, height, opacity = 1 }: Box): void {
    const { context } = this;
    if (opacity === 1) {
      context.fillRect(x * DOTS, this.y * DOTS, width * DOTS, height * DOTS);
    }
    const scale = Math.min(width / picture.width, height / picture.height);
    const [wide, high] = [picture.width * scale, picture.height * scale];
    context.globalAlpha = opacity;
    context.imageSmoothingQuality = 'high';
    context.drawImage(
      picture,
      (x + (width - wide) / 2) * DOTS,
      (this.y + (height - high) / 2) * DOTS,
      wide * DOTS,
      high * DOTS,
    );
    context.globalAlpha = 1;
  }

  /** Lines that fit: broken between words, and within one that is longer than a line. */
  private broken(text: string, width: number): string[] {
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(' ')) {
      const longer = line ? `${line} ${word}` : word;
      if (this.context.measureText(longer).width <= width) {
        line = longer;
        continue;
      }
      if (line) {
        lines.push(line);
      }
      line = '';
      for (const letter of word) {
        if (this.context.measureText(line + letter).width > width) {
          lines.push(line);
          line = '';
        }
        line += letter;
      }
    }
    return text ? [...lines, line] : [];
  }
}
