import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { Detection, Detections } from '../../core/results.js';
import { markedDetections } from '../../exchange/marked_results.js';
import type { LoadOptions } from '../../models/load_model.js';
import { countByClass, detectionRecord } from '../../models/result_records.js';
import { atSize } from '../at_size.js';
import { commonOptions, denseBoxesOption, probability, ttaOption } from '../common_options.js';
import { exchangeOptionsSchema, withExchangeOptions } from '../exchange_output.js';
import { pictureCommand, pictureOptionsSchema } from '../picture_command.js';
import { runPictures } from '../picture_run.js';
import { queueOption } from '../queue_option.js';
import { sliceOptionsSchema, slicesOf, withSliceOptions } from '../slice_options.js';
import { checkTrackOptions, trackOptionsSchema, withTrackOptions } from '../track_options.js';

const optionsSchema = pictureOptionsSchema.extend({
  ...exchangeOptionsSchema.shape,
  ...sliceOptionsSchema.shape,
  out: z.string().optional(),
  tta: z.boolean(),
  denseBoxes: z.boolean().optional(),
  scoreThr: z.number().optional(),
  queue: z.string().optional(),
  ...trackOptionsSchema.shape,
});

/** Pictures with every doubtful box drawn say nothing; JSON has them all unless a threshold is given. */
const DRAWN_FROM = 0.3;

/** What was found; where that is nothing, how much less certain there is in the JSON. */
function summaryOf(shown: readonly Detection[], { detections }: Detections, threshold: number): string {
  if (shown.length > 0 || detections.length === 0) return countByClass(shown);
  return `nothing over ${threshold} (${detections.length} below)`;
}

/** `lowformer detect CONFIG IMAGE…`: boxes. */
export function detectCommand(signal: AbortSignal): Command {
  const command = withSliceOptions(withExchangeOptions(pictureCommand('detect'), 'boxes'))
    .option('--out <dir>', 'write pictures with boxes and labels: NAME.png; of a clip, a clip: NAME.mp4, .mov, .mkv')
    .addOption(
      new Option(
        '--score-thr <p>',
        `lowest score that is written; by default all that the config's test_cfg lets through, and ${DRAWN_FROM} in pictures`,
      ).argParser(probability),
    )
    .addOption(ttaOption())
    .addOption(denseBoxesOption())
    .addOption(queueOption("leave the pictures to workers ('lowformer worker')"));
  return withTrackOptions(command).action(async (config: string, images: string[], given: unknown) => {
    const { scoreThr, ...options } = optionsSchema.parse(given);
    const beside = { '--tta': options.tta, '--queue': options.queue !== undefined };
    const slices = slicesOf(options, options.batchSize, beside);
    const run = { ...commonOptions(given), ...options, slices, signal };
    const load = async (name: string, how: LoadOptions) =>
      (await import('../../models/load_model.js')).loadDetector(name, how);
    if (checkTrackOptions(trackOptionsSchema.parse(given), options)) {
      const { trackSequence } = await import('../track_run.js');
      await using tracking = await trackSequence(options, { scoreThr: scoreThr ?? 0 });
      await runPictures<Detections>(config, images, run, { task: 'detection', load, ...tracking.run });
      return;
    }
    const from = (threshold: number, { detections }: Detections) =>
      detections.filter(({ score }) => score >= threshold);
    const drawn = (result: Detections) => from(scoreThr ?? DRAWN_FROM, result);
    await runPictures<Detections>(config, images, run, {
      task: 'detection',
      load,
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
    });
  });
}
