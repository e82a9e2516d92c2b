/** Any folder of pictures with a folder of label PNGs: see data/segmentation_folders. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { harmless } from '../../core/harmless.js';
import type { ColorMap } from '../../data/color_map.js';
import { defineSegmentationFormat, type SegmentationSource } from './define.js';

const schema = z.strictObject({
  /** Labels that stand for others. */
  labelMap: z
    .array(z.tuple([z.number(), z.number()]).readonly())
    .readonly()
    .optional(),
  /** A file: see `readColorMap`. */
  colors: z.string().optional(),
  labelSuffix: z.string().optional(),
  imageSuffix: z.string().optional(),
});
type Source = SegmentationSource<z.output<typeof schema>>;

const hint = 'This format says itself how its labels are named and numbered.';

export const labelFolders = defineSegmentationFormat({
  type: 'folder',
  schema,
  // Commands have them for label PNGs that are in no dataset, too.
  flags: ['--label-map', '--colors', '--label-suffix', '--image-suffix'].map((flags) => ({ flags, hint })),
  folderOf: { ending: '.png', likeness: 'likely' },
  async open(source) {
    const { images, labels, classes, reduceZeroLabel, ignoreIndex, list } = source;
    const { colors: file, labelMap: pairs, imageSuffix, labelSuffix } = source.options;
    const { readSegmentationFolders } = await import('../../data/segmentation_folders.js');
    const colors = file === undefined ? undefined : await (await import('../../data/color_map.js')).readColorMap(file);
    const given = pairs === undefined ? undefined : new Map(pairs);
    const byName = colors === undefined || classes === undefined ? undefined : labelsByName(colors, classes, source);
    const labelMap = byName === undefined ? given : new Map([...byName, ...(given ?? [])]);
    const reading = { imageSuffix, labelSuffix, reduceZeroLabel, ignoreIndex, list, colors, labelMap };
    const named = byName === undefined ? reading : { ...reading, classes: classes ?? [] };
    return readSegmentationFolders({ images, labels }, named);
  },
});

/** From the labels of a colour map to a config's classes, by name; what the config has not is ignored, with a note. */
function labelsByName(
  { names }: ColorMap,
  classes: readonly string[],
  { options: { colors }, ignoreIndex, notes }: Source,
): ReadonlyMap<number, number> {
  const indices = names.map((name) => classes.indexOf(name));
  if (names.length > 0 && indices.every((index) => index < 0)) {
    const expected = `colours of the classes of the config (${classes.slice(0, 5).join(', ')}, …)`;
    const received = names.slice(0, 5).join(', ');
    throw new LowformerError({ code: 'invalid-argument', where: '--colors', expected, received });
  }
  names.forEach((name, i) => {
    if ((indices[i] ?? -1) >= 0) return;
    notes.add({ kind: 'foreign-class', where: colors ?? '--colors', message: FOREIGN }, `'${harmless(name)}'`);
  });
  return new Map(indices.map((index, label) => [label, index < 0 ? ignoreIndex : index]));
}

const FOREIGN = 'Colours of classes that the config has not are ignored';
