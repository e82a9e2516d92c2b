import type { Command } from 'commander';
import { z } from 'zod';
import type { SegmentationMap } from '../../core/results.js';
import { writeLabelMap } from '../../drawing/label_map.js';
import { drawSegmentation } from '../../drawing/segmentation.js';
import { writeImage } from '../../drawing/write_png.js';
import { commonOptions } from '../common_options.js';
import { loadSegmentor } from '../model/load_model.js';
import { pictureCommand } from '../picture_command.js';
import { runPictures } from '../picture_run.js';

const optionsSchema = z.object({ batchSize: z.number(), out: z.string().optional() });

/** `lowformer segment CONFIG IMAGE…`: a class for each pixel. */
export function segmentCommand(): Command {
  return pictureCommand('segment', 'tell the class of each pixel')
    .option('--out <dir>', 'write NAME.png (pixel value = class index) and NAME.overlay.png')
    .action(async (config: string, images: string[], given: unknown) => {
      let classCount = 0;
      await runPictures<SegmentationMap>(
        config,
        images,
        { ...commonOptions(given), ...optionsSchema.parse(given) },
        {
          load: async (name, options) => {
            const model = await loadSegmentor(name, options);
            classCount = model.classes.length;
            return model;
          },
          record: (file, { width, height, classes }) => ({
            file,
            width,
            height,
            classes: classes.map(({ classIndex, category, pixels }) => ({ class_index: classIndex, category, pixels })),
          }),
          summary: ({ classes }) =>
            classes
              .slice(0, 3)
              .map(({ category }) => category)
              .join(', '),
          draw: async (base, image, map) => {
            await writeLabelMap(`${base}.png`, map, classCount);
            await writeImage(`${base}.overlay.png`, await drawSegmentation(image, map));
          },
        },
      );
    });
}
