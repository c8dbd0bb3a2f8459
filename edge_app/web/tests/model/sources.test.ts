import { expect, test } from 'vitest';
import { compareTexts, isSkipped, printable, slicesOf, type Given } from '../../src/model/sources';
import { bytesOf, type Packed } from '../../src/model/zip';
import { dicom, rising } from './dicoms';
import { zipped } from './zips';

const always = (): boolean => true;

async function told(...given: Given[]): Promise<string[]> {
  const found = await slicesOf(given, always);
  return found.map(({ name, frame, refusal }) => [name, frame ?? '', refusal?.code ?? ''].join(' ').trim());
}

const picture = Buffer.from('a picture, as far as this goes');
const frames = Buffer.from(dicom({ frames: [rising, rising, rising] }));

test('frames, and the files of ZIP files, are slices', async () => {
  const zip = zipped(
    { name: 'patient/b', data: frames },
    { name: 'a.png', data: picture, stored: true },
    { name: '__MACOSX/a.png', data: picture },
    { name: 'Thumbs.db', data: picture },
    { name: 'folder/', data: Buffer.alloc(0) },
  );
  const given = [
    { name: 'z.zip', file: zip },
    { name: 'many', file: new Blob([frames]) },
    { name: '.hidden.png', file: new Blob([picture]) },
  ];
  expect(await told(...given)).toEqual([
    ...['z.zip/a.png', 'z.zip/b 0', 'z.zip/b 1', 'z.zip/b 2'],
    ...['many 0', 'many 1', 'many 2', '.hidden.png'],
  ]);
});

test('what is found in a ZIP file is unpacked when it is read', async () => {
  const zip = zipped({ name: 'a.png', data: picture }, { name: 'b.png', data: picture, stored: true });
  for (const { content } of await slicesOf([{ name: 'z.zip', file: zip }], always)) {
    expect(content).not.toBeInstanceOf(Blob);
    expect((content as Packed).packed.size).toBeLessThan(zip.size);
    expect(Buffer.from(await bytesOf(content))).toEqual(picture);
  }
});

test('what can not be read takes the place of a slice', async () => {
  const inner = Buffer.from(await zipped().arrayBuffer());
  expect(
    await told(
      { name: 'large', file: new Blob([new Uint8Array(20_000_001)]) },
      { name: 'none.zip', file: zipped() },
      { name: 'z.zip', file: zipped({ name: 'inner.zip', data: inner }) },
      { name: 'cut.zip', file: zipped({ name: 'a', data: picture }).slice(0, -9) },
      { name: 'cut.dcm', file: new Blob([frames.subarray(0, 900)]) },
      { name: 'folder', file: new Blob(), refusal: { code: 'closed', limit: undefined } },
    ),
  ).toEqual([
    'large  too_many_bytes',
    'none.zip  no_slices',
    'z.zip/inner.zip  zip_in_zip',
    'cut.zip  zip',
    'cut.dcm  dicom',
    'folder  closed',
  ]);
});

test('nothing is unpacked further than it says', async () => {
  const bomb = Buffer.from(await zipped({ name: 'a', data: Buffer.alloc(5_000_000) }).arrayBuffer());
  // In both places.
  for (const place of [22, bomb.indexOf('PK\x01\x02') + 24]) {
    bomb.writeUInt32LE(1000, place);
  }
  expect(await told({ name: 'z.zip', file: new Blob([bomb]) })).toEqual(['z.zip/a  zip']);
});

test('too many slices are none', async () => {
  const file = new Blob([picture]);
  const given = Array.from({ length: 2001 }, () => ({ name: 'a', file }));
  await expect(slicesOf(given, always)).rejects.toMatchObject({ code: 'too_many_slices', limit: 2000 });
  expect(await slicesOf(given.slice(1), always)).toHaveLength(2000);
});

test('nobody searches on for those who left', async () => {
  let asked = 0;
  const given = Array.from({ length: 10 }, () => ({ name: 'a', file: new Blob([picture]) }));
  expect(await slicesOf(given, () => ++asked < 3)).toHaveLength(3);
});

test('names', () => {
  expect(printable('irisan otak é 脳.jpg')).toBe('irisan otak é 脳.jpg');
  expect(printable('\x1b[2J\u202ea\n')).toBe('�[2J�a�');
  expect(['DICOMDIR', 'Thumbs.db', '.DS_Store', '__macosx'].every(isSkipped)).toBe(true);
  expect(['a.png', 'DICOMDIR.png'].some(isSkipped)).toBe(false);
  const texts = ['\u{1f9e0}', 'b', '\uffee', 'a', 'B', 'ab', ''];
  expect(texts.sort(compareTexts)).toEqual(['', 'B', 'a', 'ab', 'b', '\uffee', '\u{1f9e0}']);
});
