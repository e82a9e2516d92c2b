/** What `--classes` names: a data set that everybody knows, a config, or a list. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ade20k } from '../../data/classes/ade20k.js';
import { cityscapes } from '../../data/classes/cityscapes.js';
import { readYoloNames } from '../../data/yolo_config.js';

const KNOWN: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['ade20k', ade20k.classes],
  ['cityscapes', cityscapes.classes],
]);

const configSchema = z.looseObject({ metainfo: z.looseObject({ classes: z.array(z.string()).min(1) }) });

/**
 * `ade20k` or `cityscapes`; a JSON config with `metainfo.classes`; or a file with a name a line, or YOLO's `data.yaml`.
 * @throws {LowformerError} as `readYoloNames`.
 */
export async function readClassNames(given: string): Promise<readonly string[]> {
  const known = KNOWN.get(given.toLowerCase());
  if (known !== undefined) return known;
  return (await namesOfConfig(given)) ?? readYoloNames(given);
}

async function namesOfConfig(file: string): Promise<readonly string[] | undefined> {
  if (!/\.json$/i.test(file)) return undefined;
  try {
    return configSchema.parse(JSON.parse(await readFile(file, 'utf8'))).metainfo.classes;
  } catch {
    // No config: the other reader says what it expects.
    return undefined;
  }
}
