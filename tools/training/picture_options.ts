/** Which pictures a config is made from, and how their annotations are read: as `browse` and `evaluate` take them. */
import type { Command } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { outsideOption } from '../common_options.js';
import { datasetOptionsSchema, formatOptions, withDatasetOptions } from '../dataset_options.js';
import { labelOptionsSchema, withImageSuffix, withLabelOptions } from '../label_options.js';

const schema = z.object({
  ...datasetOptionsSchema.shape,
  ...labelOptionsSchema.shape,
  images: z.string().optional(),
  annotations: z.string().optional(),
  imageSuffix: z.string().optional(),
  allowOutside: z.boolean().default(false),
});

/** Those that say what is trained on. */
const PLACES = ['images', 'annotations'];

/** Adds them, under a heading of their own in the help. */
export function withPictureOptions(command: Command): Command {
  const places = command
    .optionsGroup('Options for pictures without a config:')
    .option('--images <dir>', 'a folder of pictures: the config then follows from them and --annotations')
    .option('--annotations <path>', 'of --images: boxes or label maps, in a format that evaluate takes')
    .addOption(outsideOption());
  return withDatasetOptions(withImageSuffix(withLabelOptions(places)), 'detection', 'segmentation');
}

/** Pictures and how they are read; undefined where a config names what is trained on. */
export function picturesOf(given: unknown) {
  const { images, annotations, ...reading } = schema.parse(given);
  if (images === undefined || annotations === undefined) return undefined;
  return { images, annotations, ...reading, ...formatOptions(given) };
}

/**
 * That they come together: pictures with annotations, and nothing about annotations without pictures.
 * @throws {LowformerError} `invalid-argument`, naming the option.
 */
export function checkPictureOptions(command: Command): void {
  const isGiven = (key: string) => command.getOptionValueSource(key) === 'cli';
  const [images, annotations] = PLACES.map(isGiven);
  if (images !== annotations) {
    const [missing, other] = images ? ['--annotations', '--images'] : ['--images', '--annotations'];
    const expected = `it beside ${other}, but the option is missing`;
    throw new LowformerError({ code: 'invalid-argument', where: missing, expected });
  }
  if (images) return;
  for (const option of withPictureOptions(command.createCommand()).options) {
    if (!isGiven(option.attributeName())) continue;
    const where = option.long ?? option.flags;
    const hint = 'Beside a config, its train_dataloader says how pictures are read.';
    const expected = '--images, to which it belongs,';
    throw new LowformerError({ code: 'invalid-argument', where, expected, received: 'none', hint });
  }
}
