/** What the forms of `lowformer benchmark` share: options, and the way from measuring to output. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import { listening } from '../../files/interruption.js';
import { PRECISIONS } from '../../graph/onnx/precision.js';
import type { Finished, Surroundings } from '../../measuring/head.js';
import { positiveInteger, wholeFromZero, withCommonOptions, withIdleOptions } from '../common_options.js';
import { createConsole } from '../console.js';
import type { OutputOptions, Written } from './output.js';

/** What `withMeasuringOptions` adds, parsed. */
export const measuringSchema = z.object({
  engine: z.string(),
  threads: z.number().optional(),
  precision: z.enum(PRECISIONS),
  fastMath: z.boolean().default(false),
  rounds: z.number(),
  warmUp: z.number(),
  json: z.string().optional(),
  plot: z.string().optional(),
  out: z.string().optional(),
  quiet: z.boolean().default(false),
});

/** Checks where things go, measures, writes what was measured, and only then lets a failure out. */
export async function finish(
  given: Pick<z.output<typeof measuringSchema>, keyof OutputOptions>,
  signal: AbortSignal,
  measure: (surroundings: Surroundings) => Promise<Written & Pick<Finished<unknown>, 'failure'>>,
): Promise<void> {
  const { json, plot, out, quiet } = given;
  const options: OutputOptions = { json, plot, out, quiet };
  const { checkOutputs, writeOutputs } = await import('./output.js');
  await checkOutputs(options);
  const log = createConsole(quiet);
  await listening(async () => {
    const { failure, ...written } = await measure({ signal, log });
    if (failure === undefined || written.chart !== undefined) await writeOutputs(written, options, log);
    if (failure !== undefined) throw failure;
    signal.throwIfAborted();
  });
}

const SHARED: readonly string[] = ['--engine', '--threads', '--precision', '--fast-math', '--json', '--quiet'];

/** Adds what all forms of `benchmark` take. */
export function withMeasuringOptions(command: Command, rounds: number): Command {
  command
    .addOption(new Option('--rounds <n>', 'rounds that count').default(rounds).argParser(positiveInteger))
    .addOption(new Option('--warm-up <n>', 'rounds before them').default(3).argParser(wholeFromZero))
    .option('--plot <file>', 'draw the result: .png or .svg')
    .option('--out <dir>', "write JSON, table and plot there, under the machine's name");
  for (const option of withCommonOptions(new Command()).options) {
    if (SHARED.includes(option.long ?? '')) command.addOption(option);
  }
  return withIdleOptions(command);
}

/** The one device of a form that measures on one. */
export function deviceOption(): Option {
  return new Option('--device <name>', 'cpu, webgpu, cuda, tensorrt, coreml, dml').default('cpu');
}

/** An option that takes several values, each parsed by itself. */
export function each<T>(flags: string, description: string, parse: (text: string) => T): Option {
  return new Option(flags, description).argParser((text, before: readonly T[] | undefined) => [
    ...(before ?? []),
    parse(text),
  ]);
}
