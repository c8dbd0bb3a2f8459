/** What can go wrong with a picture; the codes and their sentences are those of `edge_app/errors.py`. */
export class ImageError extends Error {
  constructor(
    readonly code: string,
    readonly limit?: number,
    /** Whether Python's readers open the file. */
    readonly elsewhere = false,
  ) {
    super(code);
  }
}
