import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

/** How label PNGs are read, the same wherever they are. */
export const labelOptionsSchema = z.object({
  reduceZeroLabel: z.boolean().default(false),
  ignoreIndex: z.number(),
  labelMap: z
    .array(z.tuple([z.number(), z.number()]).readonly())
    .readonly()
    .optional(),
  colors: z.string().optional(),
  labelSuffix: z.string().optional(),
});

/** What concerns predictions that lie in a folder. */
export const predictedLabelsSchema = z.object({
  predictionsFrom1: z.boolean().default(false),
  predictionSuffix: z.string().optional(),
});

/** How label PNGs are read. */
export function withLabelOptions(command: Command): Command {
  return command
    .option('--reduce-zero-label', 'labels count from 1, and 0 is ignored')
    .addOption(new Option('--ignore-index <n>', 'label that is not scored').default(255).argParser(labelValue))
    .addOption(new Option('--label-map <from=to,…>', 'labels that stand for others: 255=1,2=0').argParser(labelPairs))
    .option('--colors <file>', "colours of classes, where label PNGs show them: CVAT's labelmap.txt, NAME,R,G,B, JSON")
    .option('--label-suffix <end>', 'what names of label PNGs end in behind the name of the picture: _mask.png');
}

/** For commands that look for the picture of each label PNG. */
export function withImageSuffix(command: Command): Command {
  return command.option(
    '--image-suffix <end>',
    'what names of pictures end in behind the name of the picture: _rgb.jpg',
  );
}

/** For predictions that lie in a folder. */
export function withPredictedLabelOptions(command: Command): Command {
  return command
    .option('--predictions-from-1', 'predicted labels count from 1, as in submissions to ADE20K')
    .option('--prediction-suffix <end>', 'what names of predictions end in: .png');
}

function labelValue(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= 65535) return value;
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
}

function labelPairs(text: string): [number, number][] {
  return text.split(',').map((pair): [number, number] => {
    const [from, to, ...more] = pair.split(/[=:]/);
    if (from === undefined || to === undefined || more.length > 0)
      throw new InvalidArgumentError('Expected 255=1,2=0.');
    return [labelValue(from), labelValue(to)];
  });
}
