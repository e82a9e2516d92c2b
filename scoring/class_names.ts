/** What `--classes` names: a dataset that everybody knows, a config, a list, or the classes themselves. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { ade20k } from '../data/classes/ade20k.js';
import { cityscapes } from '../data/classes/cityscapes.js';
import { pathKind, readBytes } from '../data/files.js';
import { readYoloNames } from '../data/yolo_config.js';

const KNOWN: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['ade20k', ade20k.classes],
  ['cityscapes', cityscapes.classes],
]);

const configSchema = z.looseObject({ metainfo: z.looseObject({ classes: z.array(z.string()).min(1) }) });

/**
 * `ade20k` or `cityscapes`; a JSON config with `metainfo.classes`; a file with a name a line, or of a YOLO dataset; or the
 * names themselves, separated by commas.
 * @throws {LowformerError} as the reader; for what looks like a file and is none; for a name that stands twice.
 */
export async function readClassNames(given: string): Promise<readonly string[]> {
  const known = KNOWN.get(given.toLowerCase());
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
