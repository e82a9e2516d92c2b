import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { mapClassFolders } from '../../data/class_check.js';
import { readClassFolders, readFolderNames } from '../../data/class_folders.js';
import { imagenet } from '../../data/classes/imagenet.js';
import { mistakeOf, temporaryFile, temporaryFolder } from './temporary.js';

const files = {
  'n01443537/x.JPEG': '',
  'n01440764/b.JPEG': '',
  'n01440764/a.jpg': '',
  'n01484850/deep/c.png': '',
  'n01484850/notes.txt': '',
};

describe('a folder for each class', () => {
  it('gives sorted folders as classes', async () => {
    const root = temporaryFolder(files);
    const dataset = await readClassFolders(root);
    expect(dataset).toEqual({
      kind: 'classification',
      name: root,
      classes: ['n01440764', 'n01443537', 'n01484850'],
      classNames: undefined,
      samples: [
        { file: join(root, 'n01440764/a.jpg'), classIndex: 0 },
        { file: join(root, 'n01440764/b.JPEG'), classIndex: 0 },
        { file: join(root, 'n01443537/x.JPEG'), classIndex: 1 },
        { file: join(root, 'n01484850/deep/c.png'), classIndex: 2 },
      ],
    });
  });

  it('counts pictures in formats that are not read, of which no figure will tell', async () => {
    const root = temporaryFolder({ ...files, 'n01440764/c.HEIC': '', 'n01484850/deep/d.cr2': '' });
    const notes = collectNotes();
    expect((await readClassFolders(root, { notes })).samples).toHaveLength(4);
    expect(notes.list()).toMatchObject([
      { kind: 'unread-format', count: 2, examples: ['n01440764/c.HEIC', 'n01484850/deep/d.cr2'] },
    ]);
  });

  it.each([
    [
      'names.txt',
      'n01443537 goldfish, Carassius auratus\nn01440764 tench, Tinca tinca\nn01484850 great white shark, white shark\nn9 other',
    ],
    ['names.json', '{"n01440764": "tench", "n01443537": "goldfish", "n01484850": "great white shark"}'],
    [
      'names.json',
      '{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"], "2": ["n01484850", "great white shark"]}',
    ],
  ])('with names from %s', async (name, text) => {
    const { classNames } = await readClassFolders(temporaryFolder(files), { names: temporaryFile(name, text) });
    expect(classNames?.map(([first]) => first)).toEqual(['tench', 'goldfish', 'great white shark']);
  });

  it('and nothing else', async () => {
    const said = async (paths: Readonly<Record<string, string>>) => {
      const root = temporaryFolder(paths);
      return mistakeOf(() => readClassFolders(root), root);
    };
    const expected = ': expected pictures in a folder for each class: CLASS/NAME.jpg.';
    expect(await said({ 'a/x.jpg': '', 'y.jpg': '' })).toBe(`${expected} 'y.jpg' lies in none.`);
    expect(await said({ 'a/x.txt': '' })).toBe(`${expected} There are no pictures in it.`);
    const names = temporaryFile('names.txt', 'n01440764 tench');
    const lacking = () => readClassFolders(temporaryFolder(files), { names });
    expect(await mistakeOf(lacking, names)).toBe(": expected a name for every class folder but received 'n01443537'");
    const bad = temporaryFile('names.txt', 'tench\n');
    expect(await mistakeOf(() => readFolderNames(bad), bad)).toBe(
      ":1: expected 'FOLDER NAME, OTHER NAME' but received 'tench'",
    );
    const list = temporaryFile('names.json', '{"a": 3}');
    expect(await mistakeOf(() => readFolderNames(list), list)).toBe(
      ': a: expected a name, or ["FOLDER", "NAME"] but received 3',
    );
  });
});

describe('class folders and a config', () => {
  type Folders = { readonly classes?: readonly string[]; readonly classNames?: readonly (readonly string[])[] };
  const map = ({ classes = ['cat', 'dog'], classNames }: Folders, ours: readonly string[]) =>
    mapClassFolders({ name: 'val', classes, classNames }, { classes: ours });

  it('by name, whatever the order', () => {
    expect(map({}, ['dog', 'cat'])).toEqual([1, 0]);
    expect(map({ classes: ['n2', 'n5'], classNames: [['hound', 'dog'], ['cat']] }, ['cat', 'dog'])).toEqual([1, 0]);
  });

  it('of one name, in their order', () => {
    const classNames = [['crane'], ['tench'], ['crane']];
    expect(map({ classes: ['n1', 'n2', 'n3'], classNames }, ['crane', 'crane', 'tench'])).toEqual([0, 2, 1]);
  });

  it('of WordNet ids, all 1000 in their order', async () => {
    const classes = Array.from({ length: 1000 }, (_, i) => `n${String(10_000_000 + i)}`);
    expect(map({ classes }, imagenet.classes)).toEqual(classes.map((_, i) => i));
    expect(await mistakeOf(() => map({ classes: classes.slice(1) }, imagenet.classes))).toBe(
      'val: expected 1000 class folders, as the config has classes, but received 999. For a part of the classes, give a file with the names of the folders.',
    );
  });

  it('that do not match', async () => {
    expect(await mistakeOf(() => map({}, ['cat', 'bird', 'fish']))).toBe(
      "val: expected the classes of the config. The dataset lacks 'bird', 'fish'. The config lacks 'dog'.\n  dataset (2): cat, dog\n  config (3): cat, bird, fish",
    );
  });
});
