import type { Command } from 'commander';
import { z } from 'zod';
import type { SegmentationMap } from '../../core/results.js';
import { markedLabels } from '../../exchange/marked_results.js';
import { segmentationRecord } from '../../models/result_records.js';
import { commonOptions, ttaOption } from '../common_options.js';
import { exchangeOptionsSchema, withExchangeOptions } from '../exchange_output.js';
import { largeLabelMaps } from '../large_label_maps.js';
import { pictureCommand, pictureOptionsSchema } from '../picture_command.js';
import { DRAWN_PIXELS, runPictures } from '../picture_run.js';

const optionsSchema = pictureOptionsSchema.extend({
  ...exchangeOptionsSchema.shape,
  out: z.string().optional(),
  tta: z.boolean(),
});

/** `lowformer segment CONFIG IMAGE…`: a class for each pixel. */
export function segmentCommand(signal: AbortSignal): Command {
  return withExchangeOptions(pictureCommand('segment'), 'label maps')
    .option(
      '--out <dir>',
      'write NAME.png (pixel = class index, shown in its colour) and NAME.overlay.png; of a clip, a clip: NAME.mp4',
    )
    .addOption(ttaOption())
    .action(async (config: string, images: string[], given: unknown) => {
      await runPictures<SegmentationMap>(
        config,
        images,
        { ...commonOptions(given), ...optionsSchema.parse(given), signal },
        {
          task: 'segmentation',
          load: async (name, load) => (await import('../../models/load_model.js')).loadSegmentor(name, load),
          record: segmentationRecord,
          marked: markedLabels,
          summary: ({ classes }) =>
            classes
              .slice(0, 3)
              .map(({ category }) => category)
              .join(', '),
          paint: async (image, map, { palette }) => {
            const { drawSegmentation } = await import('../../drawing/segmentation.js');
            return drawSegmentation(image, map, { palette });
          },
          drawing: {
            endings: ['.png', '.overlay.png'],
            draw: async (base, image, map, { classes, palette }) => {
              const { writeLabelMap } = await import('../../drawing/label_map.js');
              const { drawSegmentation } = await import('../../drawing/segmentation.js');
              const { writeImage } = await import('../../drawing/write_png.js');
              await writeLabelMap(`${base}.png`, map, { classCount: classes.length, palette });
              await writeImage(`${base}.overlay.png`, await drawSegmentation(image, map, { palette }));
            },
            rows: (baseOf, { classes, palette }) =>
              largeLabelMaps((picture) => `${baseOf(picture)}.png`, DRAWN_PIXELS, {
                classCount: classes.length,
                palette,
              }),
            drawSmaller: async (base, image, map, { palette }) => {
              const { drawSegmentation } = await import('../../drawing/segmentation.js');
              const { writeImage } = await import('../../drawing/write_png.js');
              await writeImage(`${base}.overlay.png`, await drawSegmentation(image, map, { palette }));
            },
          },
        },
      );
    });
}
