/** Label maps as PNGs, as mmseg reads them: a file a picture, a pixel's number its class. */
import { ade20k } from '../../data/classes/ade20k.js';
import { encodeLabelMap } from '../../drawing/label_map.js';
import { BLACK, classPalette } from '../../drawing/palette.js';
import { defineExchangeFormat, type ExchangeWriter, type Feature, type WritingContext } from '../define.js';
import type { ClassMap } from '../marked.js';
import { withoutEnding } from '../picture_names.js';

/** That objects of a class are not told apart says it of their ids, too. */
const KEEPS: readonly Feature[] = [
  'fraction',
  'classOrder',
  'emptyPicture',
  'twin',
  'outline',
  'part',
  'ownBox',
  'objectId',
];
export const FOLDER = {
  shape: 'folder',
  keeps: KEEPS,
  labelMaps: true,
  boxes: false,
  names: { distinct: false, trimmed: true, xml: false },
} as const;

/** With a palette, so that a viewer shows each class in its colour. `classes.txt` has a name a line. */
export const labelFolder = defineExchangeFormat({
  ...FOLDER,
  type: 'folder',
  title: 'label maps with a palette',
  open: (context) => writer(context, 'palette', (map) => map),
});

/** The same in grey, for programs that read colours of a palette and not its indices. */
export const greyLabelFolder = defineExchangeFormat({
  ...FOLDER,
  type: 'folder-grey',
  title: 'label maps in grey',
  open: (context) => writer(context, 'grey', (map) => map),
});

/** ADE20K as the scene parsing challenge distributes it: labels count from 1, and 0 is what has no class. */
export const ade20kLabels = defineExchangeFormat({
  ...FOLDER,
  type: 'ade20k',
  title: 'ADE20K',
  classes: ade20k.classes,
  open: (context) =>
    writer(context, 'grey', ({ ignored, ...map }) => ({
      ...map,
      ignored: 0,
      labels: map.labels.map((label) => (label === ignored ? 0 : label + 1)),
    })),
});

function writer(
  { classes, palette, copyImages }: WritingContext,
  colours: 'palette' | 'grey',
  numbered: (map: ClassMap) => ClassMap,
): ExchangeWriter {
  const wide = classes.length > 255;
  const own = classPalette(classes.length, palette);
  const look = {
    classCount: wide ? 65536 : 256,
    palette: wide ? undefined : [...own, ...new Array<typeof BLACK>(256 - own.length).fill(BLACK)],
    grey: colours === 'grey',
  };
  const folders = copyImages ? { labels: 'labels/', images: 'images/' } : { labels: '', images: '' };
  return {
    begin: () => [{ path: `${folders.labels}classes.txt`, text: classes.map((name) => `${name}\n`).join('') }],
    add({ name, file, labels }) {
      if (labels === undefined) throw new RangeError(`no label map of ${name}`);
      const encode = () => encodeLabelMap(numbered(labels), look);
      const map = { path: `${folders.labels}${withoutEnding(name)}.png`, encode };
      return copyImages ? [map, { path: `${folders.images}${name}`, picture: file, how: 'copy' as const }] : [map];
    },
    finish: () => [],
  };
}
