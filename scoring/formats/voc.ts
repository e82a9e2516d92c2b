/** Pascal VOC's XML, a folder of it or a set of the development kit: see data/voc. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { type DetectionSource, defineDetectionFormat } from './define.js';

const schema = z.strictObject({
  /** What the XML calls the first column and row. */
  firstPixel: z.union([z.literal(0), z.literal(1)]).optional(),
});

export const voc = defineDetectionFormat({
  type: 'voc',
  schema,
  flags: [
    {
      flags: '--first-pixel <n>',
      description: "what VOC's XML calls the first column and row; 0 keeps fractions",
      choices: ['0', '1'],
      parse: (text) => (['0', '1'].includes(text) ? Number(text) : undefined),
      expected: 'Expected 0 or 1.',
      elsewhere: "Pascal VOC's XML: boxes of other formats do not count pixels",
    },
  ],
  folderOf: { ending: '.xml', likeness: 'certain' },
  looksLike: ({ path }) => (vocSet(path) === undefined ? undefined : 'certain'),
  async read(source) {
    const { readVocAnnotations, readVocSet } = await import('../../data/voc.js');
    const set = vocSet(source.annotations);
    const options = optionsOf(source);
    return set === undefined
      ? readVocAnnotations(source.annotations, options)
      : readVocSet(set.root, set.name, options);
  },
  async open(source) {
    const { readVoc, readVocDevkit } = await import('../../data/voc.js');
    const { annotations, images } = source;
    const set = vocSet(annotations);
    const options = optionsOf(source);
    return set === undefined
      ? readVoc({ annotations, images }, options)
      : readVocDevkit(set.root, set.name, { ...options, images });
  },
});

function optionsOf({ classes: chosen, known, options, notes }: DetectionSource<z.output<typeof schema>>) {
  const classes = chosen ?? known;
  return { ...(classes === undefined ? {} : { classes }), firstPixel: options.firstPixel, notes };
}

/** `ROOT/ImageSets/Main/NAME.txt`: pictures of Pascal VOC's development kit. */
function vocSet(annotations: string): { readonly root: string; readonly name: string } | undefined {
  const [, root, name] = /^(.*)[\\/]ImageSets[\\/]Main[\\/]([^\\/]+)\.txt$/.exec(resolve(annotations)) ?? [];
  return root === undefined || name === undefined ? undefined : { root, name };
}
