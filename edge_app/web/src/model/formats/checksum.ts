/** A sum that tells damage. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) {
    rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  }
  return rest;
});

/** The CRC-32 that PNG and ZIP share. */
export function checksum(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator takes twice as long here
  for (let index = 0; index < bytes.length; index++) {
    rest = TABLE[(rest ^ bytes[index]!) & 255]! ^ (rest >>> 8);
  }
  return (rest ^ 0xffffffff) >>> 0;
}
