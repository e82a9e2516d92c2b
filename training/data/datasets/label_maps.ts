/** mmseg's data sets: pictures, and label maps of the same names. */
import { z } from 'zod';
import { ade20k } from '../../../data/classes/ade20k.js';
import { cityscapes } from '../../../data/classes/cityscapes.js';
import type { SegmentationDataset } from '../../../data/dataset.js';
import { readSegmentationFolders } from '../../../data/segmentation_folders.js';
import { datasetKeys, defineSegmentationSet, placed } from './define.js';

/** What the data sets differ in; the keys of a config come before it. */
interface Form {
  readonly images: string;
  readonly labels: string;
  readonly reduceZeroLabel: boolean;
  /** Of the label numbers; the config's where the data set does not say. */
  readonly classes?: readonly string[];
}

const keysOf = ({ images, labels, reduceZeroLabel }: Form) =>
  z.strictObject({
    ...datasetKeys,
    ann_file: z.string().default('').describe('a list: one name without suffix a line; none for all pictures'),
    data_prefix: z
      .strictObject({ img_path: z.string().default(''), seg_map_path: z.string().default('') })
      .prefault({}),
    img_suffix: z.string().default(images),
    seg_map_suffix: z.string().default(labels),
    ignore_index: z.int().min(0).max(0xffff).default(255),
    reduce_zero_label: z.boolean().default(reduceZeroLabel),
    filter_cfg: z.null({ error: 'expected null: mmseg leaves no picture out' }).optional(),
  });

const opening =
  ({ classes: own }: Form) =>
  (config: z.output<ReturnType<typeof keysOf>>): Promise<SegmentationDataset> => {
    const { ann_file: list, data_prefix: prefix } = config;
    const classes = config.metainfo?.classes ?? own;
    return readSegmentationFolders(
      { images: placed(config, prefix.img_path), labels: placed(config, prefix.seg_map_path) },
      {
        imageSuffix: config.img_suffix,
        labelSuffix: config.seg_map_suffix,
        ignoreIndex: config.ignore_index,
        reduceZeroLabel: config.reduce_zero_label,
        ...(classes === undefined ? {} : { classes }),
        ...(list === '' ? {} : { list: placed(config, list) }),
      },
    );
  };

const base: Form = { images: '.jpg', labels: '.png', reduceZeroLabel: false };
const ade: Form = { ...base, reduceZeroLabel: true, classes: ade20k.classes };
const streets: Form = {
  images: '_leftImg8bit.png',
  labels: '_gtFine_labelTrainIds.png',
  reduceZeroLabel: false,
  classes: cityscapes.classes,
};

export const baseSegSet = defineSegmentationSet({ type: 'BaseSegDataset', schema: keysOf(base), open: opening(base) });
export const ade20kSet = defineSegmentationSet({ type: 'ADE20KDataset', schema: keysOf(ade), open: opening(ade) });
export const cityscapesSet = defineSegmentationSet({
  type: 'CityscapesDataset',
  schema: keysOf(streets),
  open: opening(streets),
});
