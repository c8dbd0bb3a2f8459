/** The page's other files: the server's, or those that a page in a single file brings along. */

export type Files = Record<string, Blob>;

/** What a browser doesn't tell by looking. */
const TYPES: Record<string, string> = { svg: 'image/svg+xml' };

let brought: Files = {};

/** Takes over the files that the page brought; the worker gets them from the page. */
export function bring(files: Files): void {
  brought = files;
}

/** Unpacks what `edge_app/single_file.py` put into the page; nothing on a page that a server delivers. */
export async function unpack(): Promise<Files> {
  const files: Files = {};
  for (const script of document.querySelectorAll<HTMLScriptElement>('script[data-file]')) {
    const packed = await fetch(`data:;base64,${script.text}`);
    const stream = packed.body!.pipeThrough(new DecompressionStream('gzip'));
    const name = script.dataset.file!;
    const type = TYPES[name.split('.').at(-1)!] ?? '';
    files[name] = await new Response(stream, { headers: { 'Content-Type': type } }).blob();
    script.remove();
  }
  return files;
}

/** Fetches a file of the page. */
export async function load(path: string, signal: AbortSignal | null = null): Promise<Response> {
  const file = brought[path];
  return file ? new Response(file) : fetch(path, { signal });
}

/** Where a file of the page can be found. */
export function addressOf(path: string): string {
  const file = brought[path];
  // LiteRT wants an address that ends like a script's.
  return file ? `${URL.createObjectURL(file)}#${path}` : path;
}

/** Tells whether there is no server behind the page. */
export function isSingle(): boolean {
  return Object.keys(brought).length > 0;
}

/** What the page brought, for its worker. */
export function broughtFiles(): Files {
  return brought;
}
