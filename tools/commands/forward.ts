import { Command } from 'commander';
import { z } from 'zod';
import { createEngine } from '../../engines/index.js';
import { checkWritable } from '../../files/atomic_write.js';
import { listening } from '../../files/interruption.js';
import { evaluateShapes } from '../../graph/shapes.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { openModelWeights } from '../../models/network_weights.js';
import { deploy } from '../../tasks/deploy.js';
import { writeSafetensors } from '../../weights/safetensors.js';
import { commonOptions, runningOptions, weightsOptions, withCommonOptions } from '../common_options.js';
import { createConsole } from '../console.js';
import { checkJsonTarget, writeJson } from '../json_output.js';
import { readRawInput } from '../raw_input.js';

/** `lowformer forward CONFIG --input IN --out OUT`: the raw network on a raw tensor, for checking numbers. */
export function forwardCommand(signal: AbortSignal): Command {
  return withCommonOptions(new Command('forward'))
    .argument('<config>', 'a file, or the name of a shipped config')
    .requiredOption('--input <file>', "safetensors with a tensor 'input', float32 [N, 3, H, W], normalised already")
    .requiredOption('--out <file>', 'safetensors: c2… p3… cls0… reg0… or logits, as far as the model has them')
    .action(async (name: string, given: unknown) => {
      const { json, ...options } = commonOptions(given);
      const files = z.object({ input: z.string(), out: z.string() }).parse(given);
      const log = createConsole(options.quiet);
      const weighted = weightsOptions(options, log, signal);
      const opened = await openConfigFor(options.checkpoint, name, options.cfgOptions, weighted);
      const { input } = await readRawInput(files.input);
      // A size that the network cannot take is told here, by its reason; the engine would name a node.
      evaluateShapes(opened.model.wholeGraph, { input: input.shape });
      await checkWritable(files.out);
      await checkJsonTarget(json);
      using weights = await openModelWeights(opened, weighted, log.say);
      const network = deploy(opened.model, weights.parameters, { outputs: 'all', inputs: { kind: 'any' } });
      const outputs = await listening(async () => {
        await using engine = await createEngine(options.engine, network, { ...runningOptions(options), signal });
        const tensors = await engine.run({ input }, { signal });
        await writeSafetensors(files.out, tensors);
        return tensors;
      });
      log.say(`${files.out}: written`);
      if (json === undefined) return;
      const tensors = Object.entries(outputs).map(([tensor, { shape }]) => ({ name: tensor, shape }));
      await writeJson(json, { file: files.out, tensors });
    });
}
