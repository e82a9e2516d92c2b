import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { readColorMap } from '../../data/color_map.js';
import { readSampleLabels } from '../../data/label_map.js';
import { readSegmentationFolders } from '../../data/segmentation_folders.js';
import { openSegmentationDataset } from '../../scoring/datasets.js';
import { noteDoubts } from '../../scoring/label_notes.js';
import { type LabelReading, labelClasses, labelReader } from '../../scoring/label_pairs.js';
import { scoreLabels } from '../../scoring/label_score.js';
import { dataFixture, drawnPicture, mistakeOf, temporaryFile, temporaryFolder } from '../data/temporary.js';

interface Options extends Partial<LabelReading> {
  readonly numClasses?: number;
  readonly reduceZeroLabel?: boolean;
}

async function score(labels: string, predictions: string, { reduceZeroLabel = false, ...own }: Options) {
  const reader = await labelReader({ predictionsFrom1: false, ...own });
  const { numClasses, names } = await labelClasses(own, reader.colors);
  const notes = collectNotes();
  const settings = { numClasses, reduceZeroLabel, ignoreIndex: 255 };
  const steps = { started: () => {}, done: () => {} };
  const { result, counts } = await scoreLabels({ labels, predictions }, reader, settings, steps);
  noteDoubts('labels', counts, notes);
  return {
    mIoU: result.mIoU ?? -1,
    pictures: result.pictures,
    names,
    notes: notes.list().map(({ kind }) => kind),
    all: notes.list(),
  };
}

const masks = (path: string) => dataFixture(join('masks', path));

describe('label PNGs as tools write them', () => {
  it('0 and 255 for two classes: said, and mapped where told so', async () => {
    const [labels, predictions] = [masks('bin255/l'), masks('bin255/p')];
    const plain = await score(labels, predictions, { numClasses: 2 });
    expect(plain.notes).toEqual(['class-never-labelled']);
    expect(plain.all[0]?.message).toContain('while 600 pixels (30.0 %) are ignored');
    const mapped = await score(labels, predictions, { numClasses: 2, labelMap: [[255, 1]] });
    expect(mapped.mIoU).toBeCloseTo(0.8917, 4);
    expect(mapped.notes).toEqual([]);
  });

  it('predictions that count from 1: said, and mapped where told so', async () => {
    const [labels, predictions] = [masks('ade_pred/annotations'), masks('ade_pred/predictions')];
    const plain = await score(labels, predictions, { numClasses: 150, reduceZeroLabel: true });
    expect([plain.mIoU, plain.notes]).toEqual([0, ['predictions-from-1']]);
    const told = await score(labels, predictions, { numClasses: 150, reduceZeroLabel: true, predictionsFrom1: true });
    expect([told.mIoU, told.notes]).toEqual([1, []]);
  });

  const png = (values: readonly number[], channels: 1 | 3 = 1) =>
    sharp(Uint8Array.from(values), { raw: { width: values.length / channels, height: 1, channels } })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .png()
      .toBuffer();

  it('labels that count from 1 without a word', async () => {
    const root = temporaryFolder({ 'l/a.png': await png([1, 1, 2, 2, 1]), 'p/a.png': await png([0, 0, 1, 1, 0]) });
    const { notes } = await score(join(root, 'l'), join(root, 'p'), { numClasses: 3 });
    expect(notes).toEqual(['labels-from-1']);
  });

  it('suffixes and a list', async () => {
    const root = temporaryFolder({
      'l/a_mask.png': await png([0, 1]),
      'l/b_mask.png': await png([0, 1]),
      'l/c_mask.png': await png([0, 1]),
      'p/a.png': await png([0, 1]),
      'p/b.png': await png([1, 1]),
      'i/a_rgb.jpg': await drawnPicture(2, 1),
      'val.txt': 'a.jpg\nb\n',
    });
    const [labels, predictions, list] = [join(root, 'l'), join(root, 'p'), join(root, 'val.txt')];
    const found = await score(labels, predictions, { numClasses: 2, labelSuffix: '_mask.png', list });
    expect(found).toMatchObject({ pictures: 2, mIoU: (1 / 2 + 2 / 3) / 2 });
    const all = () => score(labels, predictions, { numClasses: 2, labelSuffix: '_mask.png' });
    expect(await mistakeOf(all)).toContain('1 of 3 have none: c_mask.png');
    const options = { imageSuffix: '_rgb.jpg', labelSuffix: '_mask.png', list: temporaryFile('a.txt', 'a') };
    const { samples } = await readSegmentationFolders({ images: join(root, 'i'), labels }, options);
    expect(samples.map(({ id }) => id)).toEqual(['a']);
  });

  it('colours of classes, against numbers or colours', async () => {
    const red = [255, 0, 0];
    const blue = [0, 0, 255];
    const root = temporaryFolder({
      'l/a.png': await png([...red, ...blue, ...blue], 3),
      'p/a.png': await png([0, 1, 0]),
      'c/a.png': await png([...red, ...red, ...blue], 3),
      'bad/a.png': await png([...red, 1, 2, 3, ...red], 3),
    });
    const colors = temporaryFile(
      'labelmap.txt',
      '# label:color_rgb:parts:actions\nbackground:255,0,0::\ncell:0,0,255::\n',
    );
    const numbers = await score(join(root, 'l'), join(root, 'p'), { colors });
    expect(numbers).toMatchObject({ mIoU: (1 / 2 + 1 / 2) / 2, names: ['background', 'cell'] });
    expect(await score(join(root, 'l'), join(root, 'c'), { colors })).toMatchObject({ mIoU: 0.5 });
    expect(await mistakeOf(() => score(join(root, 'bad'), join(root, 'p'), { colors }), `${root}/`)).toBe(
      "bad/a.png: pixel (1, 0): expected one of the 2 colours of the classes but received '1,2,3'",
    );
    expect(await mistakeOf(() => score(join(root, 'l'), join(root, 'p'), { numClasses: 2 }))).toContain('--colors');
    expect(await mistakeOf(() => score(join(root, 'l'), join(root, 'p'), {}))).toContain('--num-classes');
  });
});

describe('a dataset of label PNGs for a config', () => {
  const options = { reduceZeroLabel: false, ignoreIndex: 255 };

  it('colours are matched to its classes by name; what it has not is ignored, and said', async () => {
    const notes = collectNotes();
    const root = temporaryFolder({
      'i/a.jpg': await drawnPicture(3, 1),
      'l/a.png': await sharp(Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255]), {
        raw: { width: 3, height: 1, channels: 3 },
      })
        .png()
        .toBuffer(),
      'map.txt': 'void:255,0,0::\ncar:0,255,0::\nroad:0,0,255::\n',
    });
    const places = { images: join(root, 'i'), annotations: join(root, 'l') };
    const given = { ...options, colors: join(root, 'map.txt'), classes: ['road', 'car'] };
    const dataset = await openSegmentationDataset(places, given, notes);
    expect(dataset.classes).toEqual(['road', 'car']);
    const [sample] = dataset.samples;
    expect([...(sample === undefined ? [] : (await readSampleLabels(dataset, sample)).labels)]).toEqual([255, 1, 0]);
    expect(notes.list()).toMatchObject([{ kind: 'foreign-class', count: 1, examples: ["'void'"] }]);
    const other = () => openSegmentationDataset(places, { ...given, classes: ['sky'] }, notes);
    expect(await mistakeOf(other)).toContain('--colors: expected colours of the classes of the config (sky, …)');
  });

  it('formats that say themselves how labels are numbered take no options about it', async () => {
    const places = { images: 'i', annotations: 'l', format: 'ade20k' } as const;
    const open = () => openSegmentationDataset(places, { ...options, labelSuffix: '_mask.png' }, collectNotes());
    expect(await mistakeOf(open)).toContain("--label-suffix: expected --format folder but received 'ade20k'");
  });
});

describe('a colour map', () => {
  const RED = 0xff0000;
  it.each([
    ['labelmap.txt', '# label:color_rgb:parts:actions\na b:255,0,0::\nc:0,0,255:x:y\n'],
    ['colors.csv', 'name,r,g,b\na b,255,0,0\nc,0,0,255\n'],
    ['label_colors.txt', '255 0 0\ta b\r\n0 0 255\t\tc\r\n'],
    ['colors.json', '{"a b": [255, 0, 0], "c": "#0000FF"}'],
    ['list.json', '[{"name": "a b", "color": "#ff0000"}, {"name": "c", "color": [0, 0, 255]}]'],
  ])('%s', async (name, text) => {
    const { names, labelOf } = await readColorMap(temporaryFile(name, text));
    expect(names).toEqual(['a b', 'c']);
    expect([...labelOf]).toEqual([
      [RED, 0],
      [255, 1],
    ]);
  });

  it.each([
    ['a.txt', 'a:1,2,3::\nb:1,2,3::\n', "2: expected each colour once but received '1,2,3'. 'a' has it too."],
    ['a.txt', 'a 1 2 300\n', "but received 'a 1 2 300'"],
    ['a.json', '{"a": [1, 2]}', 'a: expected colours of classes'],
    ['a.json', '{', 'no valid JSON'],
    ['a.txt', '\n', "received 'no colour'"],
  ])('%s %j is a mistake', async (name, text, message) => {
    expect(await mistakeOf(() => readColorMap(temporaryFile(name, text)))).toContain(message);
  });
});
