import { Command, Option } from 'commander';
import { z } from 'zod';
import { counted } from '../../analysis/browsing/annotated_thumbnail.js';
import { LowformerError } from '../../core/errors.js';
import { collectNotes, noteText } from '../../core/notes.js';
import { checkHolds, convertDataset } from '../../exchange/convert.js';
import { EXCHANGE_FORMATS } from '../../exchange/formats/index.js';
import { checkWritable } from '../../files/atomic_write.js';
import { listening } from '../../files/interruption.js';
import { checkEmptyFolder } from '../../files/whole_folder.js';
import { formatNames } from '../../scoring/formats/choose.js';
import { tellNotes } from '../../scoring/report.js';
import { outsideOption, withIdleOptions } from '../common_options.js';
import { createConsole } from '../console.js';
import { openSource } from '../convert_source.js';
import { datasetOptionsSchema, formatOptions, withReadingOptions } from '../dataset_options.js';
import { labelOptionsSchema, withImageSuffix, withLabelOptions } from '../label_options.js';

const { classes, list, strict } = datasetOptionsSchema.shape;
const optionsSchema = z.object({
  ...{ classes, list, strict },
  ...labelOptionsSchema.partial().shape,
  imageSuffix: z.string().optional(),
  from: z.string().optional(),
  to: z.string(),
  annotations: z.string(),
  images: z.string().optional(),
  out: z.string(),
  copyImages: z.boolean().default(false),
  allowOutside: z.boolean().default(false),
  quiet: z.boolean().default(false),
});
type Options = z.output<typeof optionsSchema>;

/** Those that annotations can be written in: without scores. */
function targets(): readonly string[] {
  return EXCHANGE_FORMATS.names().filter((name) => EXCHANGE_FORMATS.get(name, '--to').needsScores !== true);
}

/** `lowformer convert --from F --to F --annotations PATH --out PATH`: a dataset in another format. */
export function convertCommand(signal: AbortSignal): Command {
  const command = new Command('convert')
    .addOption(
      new Option('--from <name>', 'by default, what the annotations look like').choices(
        formatNames('detection', 'segmentation'),
      ),
    )
    .addOption(new Option('--to <name>', 'the format that is written').choices(targets()).makeOptionMandatory())
    .requiredOption('--annotations <path>', 'a file or a folder, as evaluate takes it')
    .option('--images <dir>', 'the folder of pictures: of label maps, and where annotations do not say names and sizes')
    .addOption(outsideOption())
    .requiredOption('--out <path>', 'a file, or a new folder, as the format wants it')
    .option('--copy-images', 'copy the pictures into the folder, too');
  const labels = withImageSuffix(withLabelOptions(command));
  return withIdleOptions(
    withReadingOptions(labels, 'detection', 'segmentation').option('--quiet', 'say nothing but errors'),
  ).action(async (given: unknown, own: Command) => {
    const options = { ...optionsSchema.parse(given), ...formatOptions(given) };
    // One that is there by default is no mistake where it means nothing.
    const isGiven = own.getOptionValueSource('ignoreIndex') === 'cli';
    const ignoreIndex = isGiven ? options.ignoreIndex : undefined;
    await listening(() => convert({ ...options, ignoreIndex }, signal));
  });
}

async function convert({ to, out, copyImages, quiet, ...options }: Options, signal: AbortSignal) {
  const log = createConsole(quiet);
  const format = EXCHANGE_FORMATS.get(to, '--to');
  if (copyImages && format.shape === 'file') {
    const expected = 'none beside a format of one file';
    throw new LowformerError({ code: 'invalid-argument', where: '--copy-images', expected, received: to });
  }
  await (format.shape === 'file' ? checkWritable(out) : checkEmptyFolder(out));
  const notes = collectNotes();
  const source = await openSource({ ...options, copyImages }, notes);
  checkHolds(format, source);
  tellNotes(notes, { strict: options.strict, log });
  if (source.names.length === 0) {
    throw new LowformerError({ code: 'invalid-argument', where: source.name, expected: 'a dataset with pictures' });
  }
  const losses = collectNotes();
  const { pictures, objects } = await convertDataset(source, format, { out, copyImages, notes: losses, signal });
  for (const note of losses.list()) log.say(noteText(note));
  const what = [
    counted(pictures, 'picture', 'pictures'),
    ...(objects === 0 && source.labelMaps ? [] : [counted(objects, 'object', 'objects')]),
  ];
  log.say(`${what.join(', ')}, ${counted(source.classes.length, 'class', 'classes')} are in ${out}`);
}
