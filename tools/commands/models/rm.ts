import { Command } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../../core/errors.js';
import { publishedAddress } from '../../../models/fetch_checkpoint.js';
import { type CheckpointAddress, checkpointAddress, isAddress } from '../../../weights/download/address.js';
import { cacheFolder } from '../../../weights/download/cache_folder.js';
import { cachedFile } from '../../../weights/download/cached_file.js';
import { fileSize } from '../../../weights/download/file_size.js';
import { type RemovedFile, removeAllDownloads, removeDownload } from '../../../weights/download/remove.js';
import { commonOptions, withIdleOptions } from '../../common_options.js';
import { createConsole } from '../../console.js';
import { checkJsonTarget, writeJson } from '../../json_output.js';
import { writeStdout } from '../../standard_streams.js';
import { namedModel } from './names.js';

/** `lowformer models rm NAME…`, `lowformer models rm --all`: weights out of the cache. */
export function rmCommand(): Command {
  const command = new Command('rm')
    .argument('[name...]', 'published models, or addresses, whose weights were downloaded')
    .option('--all', 'everything that was downloaded')
    .option('--json <file>', 'write JSON, to stdout for -')
    .option('--quiet', 'say nothing but errors');
  return withIdleOptions(command)
    .description('remove downloaded weights, and print where they were')
    .action(async (names: readonly string[], given: unknown) => {
      const { json, quiet } = commonOptions(given);
      const { all } = z.object({ all: z.boolean().default(false) }).parse(given);
      if (all === names.length > 0) throw wrongNames(all);
      const cached = names.map((name) => cachedFile(cacheFolder(), addressOf(name)));
      await checkJsonTarget(json);
      const log = createConsole(quiet);
      const removed: RemovedFile[] = [];
      if (all) removed.push(...(await removeAllDownloads(cacheFolder())));
      for (const file of cached) {
        const one = await removeDownload(file);
        if (one === undefined) log.say(`${file.path}: was not there`);
        else removed.push(one);
      }
      const bytes = removed.reduce((sum, one) => sum + one.bytes, 0);
      log.say(`removed: ${removed.length === 1 ? '1 file' : `${removed.length} files`}, ${fileSize(bytes)}`);
      if (json === undefined) await writeStdout(removed.map(({ path }) => `${path}\n`).join(''));
      else
        await writeJson(
          json,
          removed.map(({ path, bytes: size }) => ({ file: path, bytes: size })),
        );
    });
}

/** An address as it was given to `--checkpoint`. */
function addressOf(name: string): CheckpointAddress {
  if (isAddress(name)) return checkpointAddress(name);
  return publishedAddress(namedModel(name));
}

function wrongNames(all: boolean): LowformerError {
  const expected = all ? 'no names beside --all' : 'names of published models, or --all';
  return new LowformerError({ code: 'invalid-argument', where: 'models rm', expected });
}
