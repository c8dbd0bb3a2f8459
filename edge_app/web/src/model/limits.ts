/** How large pictures may be; the same figures as in `edge_app/image.py`. */

export const MAX_MEGABYTES = 20;
export const MAX_MEGAPIXELS = 25;
export const MAX_SIDE = 12_000;
export const MIN_PIXELS = 32;
