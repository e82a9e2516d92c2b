import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { Classification } from '../../core/results.js';
import { classificationRecord } from '../../models/result_records.js';
import { commonOptions, positiveInteger } from '../common_options.js';
import { pictureCommand, pictureOptionsSchema, recordFormatOption } from '../picture_command.js';
import { runPictures } from '../picture_run.js';

const optionsSchema = pictureOptionsSchema.extend({ top: z.number() });

/** `lowformer classify CONFIG IMAGE…`: the likeliest classes. */
export function classifyCommand(signal: AbortSignal): Command {
  return pictureCommand('classify')
    .addOption(recordFormatOption())
    .addOption(new Option('--top <n>', 'classes a picture').default(5).argParser(positiveInteger))
    .action(async (config: string, images: string[], given: unknown) => {
      const { top, ...options } = optionsSchema.parse(given);
      await runPictures<Classification>(
        config,
        images,
        { ...commonOptions(given), ...options, signal },
        {
          task: 'classification',
          load: async (name, load) => (await import('../../models/load_model.js')).loadClassifier(name, load),
          record: (file, result) => classificationRecord(file, result, top),
          summary: ({ ranking }) => `${ranking[0]?.category ?? ''} ${(ranking[0]?.score ?? 0).toFixed(3)}`,
        },
      );
    });
}
