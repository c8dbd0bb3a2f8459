import { afterEach, expect, test, vi } from 'vitest';
import { ImageError } from '../../src/model/errors';
import type { Given, SliceSource } from '../../src/model/sources';
import { dropped, picked, slicesIn } from '../../src/readings/chosen';

type Search = (given: Given[]) => Promise<SliceSource[]>;

const { searchHere, PhoneError } = vi.hoisted(() => ({
  searchHere: vi.fn<Search>(),
  PhoneError: class extends Error {},
}));
vi.mock('../../src/readings/phone', () => ({ searchHere, PhoneError }));

afterEach(() => {
  searchHere.mockReset();
});

function file(name: string, path = ''): File {
  return Object.defineProperty(new File(['x'], name), 'webkitRelativePath', { value: path });
}

function names(given: readonly Given[]): string[] {
  return given.map(({ name, refusal }) => (refusal ? `${name} ${refusal.code}` : name));
}

/** A folder as browsers hand it over, two entries at a time. */
function folder(name: string, ...entries: object[]): object {
  const createReader = (): object => {
    const left = [...entries];
    return {
      readEntries: (give: (found: object[]) => void) => {
        give(left.splice(0, 2));
      },
    };
  };
  return { name, isDirectory: true, createReader };
}

function entry(name: string): object {
  const give = (use: (found: File) => void): void => {
    use(file(name));
  };
  return { name, isDirectory: false, file: give };
}

function closedFolder(name: string): object {
  const readEntries = (_: unknown, fail: (error: Error) => void): void => {
    fail(new Error('closed'));
  };
  return { name, isDirectory: true, createReader: () => ({ readEntries }) };
}

async function drop(...found: object[]): Promise<string[]> {
  const items = found.map((each) => ({ kind: 'file', webkitGetAsEntry: () => each }));
  return names(await dropped({ items } as unknown as DataTransfer)!());
}

test('chosen files are taken as they are', async () => {
  expect(names(await picked([file('b.png'), file('.a.png')])())).toEqual(['b.png', '.a.png']);
  expect(await picked([])()).toEqual([]);
});

test('of a chosen folder a file comes before what lies deeper, and litter never', async () => {
  const paths = ['f/z/a.png', 'f/b.png', 'f/a.png', 'f/.x/c.png', 'f/DICOMDIR', 'f/y/z.png', 'f/y/b/c.png'];
  const files = paths.map((path) => file(path.split('/').at(-1)!, path));
  expect(names(await picked(files)())).toEqual(['a.png', 'b.png', 'z.png', 'c.png', 'a.png']);
  expect(names(await picked([file('.DS_Store', 'f/.DS_Store')])())).toEqual(['f no_slices']);
  expect(names(await picked([file('a.png', '.f/a.png')])())).toEqual(['a.png']);
});

test('a folder that is dropped is searched to the bottom', async () => {
  const deep = folder(
    'f',
    entry('c'),
    folder('b', entry('z'), folder('a', entry('y'))),
    entry('a'),
    entry('b.d'),
  );
  expect(await drop(entry('first'), deep, folder('.g', entry('.DS_Store')))).toEqual([
    ...['first', 'a', 'b.d', 'c', 'z', 'y'],
    '.g no_slices',
  ]);
});

test('what can not be opened is told', async () => {
  expect(await drop(folder('f', closedFolder('g'), entry('a')))).toEqual(['a', 'g closed']);
  expect(await drop(closedFolder('f'))).toEqual(['f closed']);
});

test('a browser that knows no folders gives files, and text is none', async () => {
  const items = [
    { kind: 'string' },
    { kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => file('a') },
  ];
  expect(names(await dropped({ items } as unknown as DataTransfer)!())).toEqual(['a']);
  expect(dropped({ items: items.slice(0, 1) } as unknown as DataTransfer)).toBeUndefined();
});

test('what is found, and why some can not be read', async () => {
  const content = new Blob();
  searchHere.mockResolvedValue([
    { name: 'a', content, frame: 1, refusal: null },
    { name: 'b', content, frame: null, refusal: { code: 'zip', limit: undefined } },
  ]);
  const [first, second] = await slicesIn(picked([file('z.zip')]), new AbortController().signal);
  expect(first).toEqual({ name: 'a', source: content, frame: 1 });
  expect(second?.refusal).toMatchObject({ code: 'zip' });
});

test('a case of too many is one refusal, and a phone that can not search reads files as they are', async () => {
  const { signal } = new AbortController();
  searchHere.mockRejectedValueOnce(new ImageError('too_many_slices', 2000));
  const [refused] = await slicesIn(picked([file('z.zip'), file('y')]), signal);
  expect(refused).toMatchObject({ name: 'z.zip', refusal: { code: 'too_many_slices', limit: 2000 } });
  searchHere.mockRejectedValueOnce(new PhoneError());
  const found = await slicesIn(picked([file('a'), file('b')]), signal);
  expect(found.map(({ name, source }) => [name, source instanceof Blob])).toEqual([
    ['a', true],
    ['b', true],
  ]);
  // What was closed already is told as that.
  searchHere.mockRejectedValueOnce(new PhoneError());
  const [closed] = await slicesIn(picked([file('.a', 'top/.a')]), signal);
  expect(closed).toMatchObject({ name: 'top', refusal: { code: 'no_slices' } });
});
