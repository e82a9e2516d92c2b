import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { listening } from '../../files/interruption.js';
import { guard, guarded } from '../../queue/guard.js';
import { pathPair } from '../../queue/path_map.js';
import { positiveInteger, threadCount } from '../common_options.js';
import { createConsole, EXIT } from '../console.js';
import { fetchOptions, OFFLINE } from '../fetching.js';
import { checkQueueAddress, openQueue, queueOption } from '../queue_option.js';

const PROGRAM = fileURLToPath(new URL('../lowformer.js', import.meta.url));

const optionsSchema = z.object({
  queue: z.string(),
  weights: z.string().optional(),
  pathMap: z.array(z.string()).default([]),
  threads: z.number().optional(),
  sessions: z.number().optional(),
  cache: z.boolean(),
  offline: z.boolean().default(false),
  once: z.boolean().default(false),
  quiet: z.boolean().default(false),
});

/** `lowformer worker --queue ADDRESS`: runs the pictures of others. */
export function workerCommand(signal: AbortSignal, args: readonly string[]): Command {
  return new Command('worker')
    .addOption(queueOption('where work is given out').makeOptionMandatory())
    .option('--weights <file>', 'where the weights lie here; they have to be the same')
    .option('--path-map <from=to...>', 'folders that have another path here: /data=/mnt/data')
    .addOption(new Option('--threads <n>', 'threads of the network').argParser(threadCount))
    .addOption(
      new Option(
        '--sessions <n>',
        'copies of the network that run side by side; by default one for each core',
      ).argParser(positiveInteger),
    )
    .option('--offline', OFFLINE)
    .option('--no-cache', 'optimise the network anew, and keep nothing of it for the next start')
    .option('--once', 'end with the first run, and with exit code 2 where this machine cannot take part in it')
    .option('--quiet', 'say nothing but errors')
    .action(async (given: unknown) => {
      const { queue, weights, pathMap, threads, sessions, cache, once, quiet, ...options } = optionsSchema.parse(given);
      const paths = pathMap.map(pathPair);
      const log = createConsole(quiet);
      const own = guarded();
      if (own === undefined) {
        checkQueueAddress(queue);
        const code = await listening(() => guard({ program: PROGRAM, args, signal, log }));
        if (code !== EXIT.done) process.exitCode = code;
        return;
      }
      // The process beside it needs none of this.
      const { serveQueue } = await import('../../queue/serve.js');
      await using connection = await openQueue(queue);
      await listening(() =>
        serveQueue({
          connection,
          checkpoint: weights === undefined ? undefined : resolve(weights),
          paths,
          load: {
            keepNetwork: cache,
            ...(threads === undefined ? {} : { threads }),
            ...(sessions === undefined ? {} : { sessions }),
          },
          fetching: fetchOptions(options, log, signal),
          once,
          onShard: own.shard,
          signal: AbortSignal.any([signal, own.signal]),
          log,
        }),
      );
    });
}
