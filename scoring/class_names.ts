/** What `--classes` names: a dataset that everybody knows, a config, a list, or the classes themselves. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { pathKind, readBytes } from '../data/files.js';
import { readYoloNames } from '../data/yolo_config.js';
import { formatsOf } from './formats/choose.js';

const configSchema = z.looseObject({ metainfo: z.looseObject({ classes: z.array(z.string()).min(1) }) });

/**
 * A dataset format that is of one dataset, such as `ade20k` or `cityscapes`; a JSON config with `metainfo.classes`; a file with a name a line, or of a YOLO dataset; or the
 * names themselves, separated by commas.
 * @throws {LowformerError} as the reader; for what looks like a file and is none; for a name that stands twice.
 */
export async function readClassNames(given: string): Promise<readonly string[]> {
  const known = formatsOf().find(({ type }) => type === given.toLowerCase())?.classes;
  if (known !== undefined) return known;
  const isFile =
    (await pathKind(given)) === 'file' || (!given.includes(',') && /[\\/]|\.(txt|names|ya?ml|data|json)$/i.test(given));
  if (isFile) return (await namesOfConfig(given)) ?? readYoloNames(given);
  const names = given.split(',').map((name) => name.trim());
  const received = names.find((name, i) => name === '' || names.indexOf(name) !== i);
  if (received === undefined) return names;
  throw new LowformerError({
    code: 'invalid-argument',
    where: '--classes',
    expected: 'each class name once',
    received,
  });
}

async function namesOfConfig(file: string): Promise<readonly string[] | undefined> {
  if (!/\.json$/i.test(file)) return undefined;
  const text = new TextDecoder().decode(await readBytes(file, 'names of classes'));
  try {
    return configSchema.parse(JSON.parse(text)).metainfo.classes;
  } catch {
    // No config: the other reader says what it expects.
    return undefined;
  }
}
