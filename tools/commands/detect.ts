import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { Size } from '../../core/frame.js';
import type { Detection, Detections } from '../../core/results.js';
import { markedDetections } from '../../exchange/marked_results.js';
import { countByClass, detectionRecord } from '../../models/result_records.js';
import { commonOptions, denseBoxesOption, probability, ttaOption } from '../common_options.js';
import { exchangeOptionsSchema, withExchangeOptions } from '../exchange_output.js';
import { pictureCommand, pictureOptionsSchema } from '../picture_command.js';
import { runPictures } from '../picture_run.js';
import { queueOption } from '../queue_option.js';
import { sliceOptionsSchema, slicesOf, withSliceOptions } from '../slice_options.js';

const optionsSchema = pictureOptionsSchema.extend({
  ...exchangeOptionsSchema.shape,
  ...sliceOptionsSchema.shape,
  out: z.string().optional(),
  tta: z.boolean(),
  denseBoxes: z.boolean().optional(),
  scoreThr: z.number().optional(),
  queue: z.string().optional(),
});

/** Pictures with every doubtful box drawn say nothing; JSON has them all unless a threshold is given. */
const DRAWN_FROM = 0.3;

/** What was found; where that is nothing, how much less certain there is in the JSON. */
function summaryOf(shown: readonly Detection[], { detections }: Detections, threshold: number): string {
  if (shown.length > 0 || detections.length === 0) return countByClass(shown);
  return `nothing over ${threshold} (${detections.length} below)`;
}

/** Boxes where they lie in a picture that was made smaller. */
function atSize(detections: readonly Detection[], from: Size, to: Size): readonly Detection[] {
  if (from.width === to.width && from.height === to.height) return detections;
  const [across, down] = [to.width / from.width, to.height / from.height];
  return detections.map(({ box: [x1, y1, x2, y2], ...detection }) => ({
    ...detection,
    box: [x1 * across, y1 * down, x2 * across, y2 * down],
  }));
}

/** `lowformer detect CONFIG IMAGE…`: boxes. */
export function detectCommand(signal: AbortSignal): Command {
  return withSliceOptions(withExchangeOptions(pictureCommand('detect'), 'boxes'))
    .option('--out <dir>', 'write pictures with boxes and labels: NAME.png; of a clip, a clip: NAME.mp4, .mov, .mkv')
    .addOption(
      new Option(
        '--score-thr <p>',
        `lowest score that is written; by default all that the config's test_cfg lets through, and ${DRAWN_FROM} in pictures`,
      ).argParser(probability),
    )
    .addOption(ttaOption())
    .addOption(denseBoxesOption())
    .addOption(queueOption("leave the pictures to workers ('lowformer worker')"))
    .action(async (config: string, images: string[], given: unknown) => {
      const { scoreThr, ...options } = optionsSchema.parse(given);
      const beside = { '--tta': options.tta, '--queue': options.queue !== undefined };
      const slices = slicesOf(options, options.batchSize, beside);
      const from = (threshold: number, { detections }: Detections) =>
        detections.filter(({ score }) => score >= threshold);
      const drawn = (result: Detections) => from(scoreThr ?? DRAWN_FROM, result);
      await runPictures<Detections>(
        config,
        images,
        { ...commonOptions(given), ...options, slices, signal },
        {
          task: 'detection',
          load: async (name, load) => (await import('../../models/load_model.js')).loadDetector(name, load),
          record: (file, result) => detectionRecord(file, result, from(scoreThr ?? 0, result)),
          marked: (result) => markedDetections(from(scoreThr ?? 0, result)),
          summary: (result) => summaryOf(drawn(result), result, scoreThr ?? DRAWN_FROM),
          paint: async (image, result, { palette }) => {
            const { drawDetections } = await import('../../drawing/detections.js');
            return drawDetections(image, drawn(result), { palette });
          },
          drawing: {
            endings: ['.png'],
            draw: async (base, image, result, { palette }) => {
              const { drawDetections } = await import('../../drawing/detections.js');
              const { writeImage } = await import('../../drawing/write_png.js');
              await writeImage(
                `${base}.png`,
                await drawDetections(image, atSize(drawn(result), result, image), { palette }),
              );
            },
          },
        },
      );
    });
}
