import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { Detection, Detections } from '../../core/results.js';
import { commonOptions, probability } from '../common_options.js';
import { pictureCommand } from '../picture_command.js';
import { runPictures } from '../picture_run.js';

const optionsSchema = z.object({ batchSize: z.number(), out: z.string().optional(), scoreThr: z.number().optional() });

/** Pictures with every doubtful box drawn say nothing; JSON has them all unless a threshold is given. */
const DRAWN_FROM = 0.3;

/** `lowformer detect CONFIG IMAGE…`: boxes. */
export function detectCommand(signal: AbortSignal): Command {
  return pictureCommand('detect', 'find objects in pictures')
    .option('--out <dir>', 'write pictures with boxes and labels: NAME.png')
    .addOption(
      new Option(
        '--score-thr <p>',
        `lowest score that is written; by default all that the config's test_cfg lets through, and ${DRAWN_FROM} in pictures`,
      ).argParser(probability),
    )
    .action(async (config: string, images: string[], given: unknown) => {
      const { scoreThr, ...options } = optionsSchema.parse(given);
      const from = (threshold: number, { detections }: Detections) =>
        detections.filter(({ score }) => score >= threshold);
      const drawn = (result: Detections) => from(scoreThr ?? DRAWN_FROM, result);
      await runPictures<Detections>(
        config,
        images,
        { ...commonOptions(given), ...options, signal },
        {
          load: async (name, load) => (await import('../model/load_model.js')).loadDetector(name, load),
          record: (file, result) => detectionRecord(file, result, from(scoreThr ?? 0, result)),
          summary: (result) => countByClass(drawn(result)),
          drawing: {
            endings: ['.png'],
            draw: async (base, image, result, { palette }) => {
              const { drawDetections } = await import('../../drawing/detections.js');
              const { writeImage } = await import('../../drawing/write_png.js');
              await writeImage(`${base}.png`, await drawDetections(image, drawn(result), { palette }));
            },
          },
        },
      );
    });
}

/** One picture as interface files have it: boxes as [x, y, width, height] in pixels of the picture as displayed. */
export function detectionRecord(file: string, { width, height }: Detections, detections: readonly Detection[]) {
  return {
    file,
    width,
    height,
    detections: detections.map(({ box: [x1, y1, x2, y2], score, classIndex, categoryId, category }) => ({
      bbox: [x1, y1, x2 - x1, y2 - y1],
      score,
      class_index: classIndex,
      category_id: categoryId,
      category,
    })),
  };
}

/** `3 cat, 1 dog`, most first. */
export function countByClass(detections: readonly Detection[]): string {
  const counts = new Map<string, number>();
  for (const { category } of detections) counts.set(category, (counts.get(category) ?? 0) + 1);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([category, count]) => `${count} ${category}`);
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}
