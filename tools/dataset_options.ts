import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { FORMATS } from '../scoring/datasets.js';

/** Options that say what ground truth is, the same wherever ground truth is read. */
export const datasetOptionsSchema = z.object({
  format: z.enum([...FORMATS.detection, ...FORMATS.segmentation, ...FORMATS.classification]).optional(),
  classes: z.string().optional(),
  list: z.string().optional(),
  firstPixel: z.union([z.literal(0), z.literal(1)]).optional(),
  strict: z.boolean().default(false),
});

/** @param formats of the tasks that the command knows. */
export function withDatasetOptions(command: Command, formats: readonly string[]): Command {
  return withStrict(command)
    .addOption(new Option('--format <name>', 'by default, what the annotations look like').choices(formats))
    .option(
      '--classes <names>',
      'a,b or a file with a name a line: of COCO and of data.yaml the classes that count; of VOC and YOLO labels all, in the order of their ids',
    )
    .option('--list <file>', 'the pictures that count, a name a line')
    .addOption(
      new Option('--first-pixel <n>', "what VOC's XML calls the first column and row; 0 keeps fractions")
        .choices(['0', '1'])
        .argParser(firstPixel),
    );
}

/** For commands that read data of others. */
export function withStrict(command: Command): Command {
  return command.option('--strict', 'take nothing that is not quite as its format says: what is noted is an error');
}

function firstPixel(text: string): 0 | 1 {
  if (text === '0') return 0;
  if (text === '1') return 1;
  throw new InvalidArgumentError('Expected 0 or 1.');
}
