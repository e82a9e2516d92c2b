import { Command, Option } from 'commander';
import { z } from 'zod';
import { type Tensor, type Tensors, tensor } from '../../core/tensor.js';
import { checkWritable } from '../../files/atomic_write.js';
import { listening } from '../../files/interruption.js';
import { afterName } from '../../graph/gradients/batch_statistics.js';
import { gradientName } from '../../graph/gradients/differentiate.js';
import { evaluateShapes } from '../../graph/shapes.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { openLosses } from '../../models/model_losses.js';
import { type ModelWeightsOptions, openModelWeights } from '../../models/network_weights.js';
import type { OpenedConfig } from '../../models/opened_config.js';
import { openTrainingNetwork } from '../../training/network/training_network.js';
import { batchTargets } from '../../training/network/truths.js';
import { writeSafetensors } from '../../weights/safetensors.js';
import { commonOptions, runningOptions, weightsOptions, withCommonOptions } from '../common_options.js';
import { createConsole } from '../console.js';
import { readGradientBatch } from '../gradient_batch.js';
import { checkJsonTarget, writeJson } from '../json_output.js';
import { readRawInput } from '../raw_input.js';

const BATCH_NORMS = ['frozen', 'batch'] as const;

/** `lowformer gradients CONFIG --input I --targets T --out G`: losses and gradients of one batch, for checks and research. */
export function gradientsCommand(signal: AbortSignal): Command {
  return withCommonOptions(new Command('gradients'))
    .argument('<config>', 'a file, or the name of a shipped config')
    .requiredOption(
      '--input <file>',
      "safetensors with a tensor 'input', float32 [N, 3, H, W], normalised already; of a segmentor also 'labels' [N, H, W]",
    )
    .requiredOption(
      '--targets <file>',
      'JSON: {"boxes_xyxy": [[[x1, y1, x2, y2], …], …], "labels": [[0, …], …]} in pixels of the input; {} for a segmentor',
    )
    .requiredOption('--out <file>', 'safetensors: gradient.<parameter>, with --bn batch after.<running statistic>')
    .addOption(
      new Option('--bn <statistics>', 'of batch norms: the running ones, or those of the batch')
        .choices(BATCH_NORMS)
        .default('frozen'),
    )
    .action(async (name: string, given: unknown) => {
      const { json = '-', ...options } = commonOptions(given);
      const files = z.object({ input: z.string(), targets: z.string(), out: z.string() }).parse(given);
      const { bn } = z.object({ bn: z.enum(BATCH_NORMS) }).parse(given);
      const log = createConsole(options.quiet);
      const weighted = weightsOptions(options, log, signal);
      const opened = await openConfigFor(options.checkpoint, name, options.cfgOptions, weighted);
      const losses = openLosses(opened);
      const { input, tensors } = await readRawInput(files.input);
      // A size that the network cannot take is told here, by its reason; the engine would name a node.
      evaluateShapes(opened.model.graph, { input: input.shape });
      const read = { inputFile: files.input, file: files.targets };
      const batch = await readGradientBatch(losses.task, input, tensors, read);
      // Objects of no class are told before the engine is made ready, which takes seconds.
      batchTargets(losses, batch, opened.model.preprocessor);
      await checkWritable(files.out);
      await checkJsonTarget(json);
      const weights = await ownWeights(opened, weighted, log.say);
      const found = await listening(async () => {
        await using network = await openTrainingNetwork({
          ...runningOptions(options),
          model: opened.model,
          losses,
          weights,
          engine: options.engine,
          batchNorm: bn,
          drops: false,
          usual: batch.input.shape,
          signal,
        });
        const step = await network.step(batch, { seed: 0, iteration: 0 }, { signal });
        await writeSafetensors(files.out, {
          ...renamed(step.gradients, gradientName),
          ...(bn === 'batch' ? renamed(runningStatistics(network.weights), afterName) : {}),
        });
        return step.losses;
      });
      log.say(`${files.out}: written`);
      await writeJson(json, { losses: found });
    });
}

/** The whole state_dict, every tensor in an array of its own. */
async function ownWeights(
  opened: OpenedConfig,
  options: ModelWeightsOptions,
  say: (line: string) => void,
): Promise<Tensors> {
  using weights = await openModelWeights(opened, options, say);
  const known: Record<string, Tensor> = {};
  for (const { name, shape } of opened.model.wholeGraph.parameters.values()) {
    known[name] = tensor(shape, weights.parameters(name).data);
  }
  return known;
}

function runningStatistics(weights: Tensors): Tensors {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => /\.running_(?:mean|var)$/.test(name)));
}

function renamed(tensors: Tensors, rename: (name: string) => string): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [rename(name), value]));
}
