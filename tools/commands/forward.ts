import { Command } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { createEngine } from '../../engines/index.js';
import { writeOnnx } from '../../graph/onnx/write.js';
import { optimise } from '../../graph/passes/index.js';
import { readSafetensors, writeSafetensors } from '../../weights/safetensors.js';
import { commonOptions, withCommonOptions } from '../common_options.js';
import { createConsole } from '../console.js';
import { openModelWeights } from '../model/network_weights.js';
import { openConfig } from '../model/open_config.js';

/** `lowformer forward CONFIG --input IN --out OUT`: the raw network on a raw tensor, for checking numbers. */
export function forwardCommand(): Command {
  return withCommonOptions(new Command('forward'))
    .description('run the bare network on a raw tensor')
    .argument('<config>', 'a file, or the name of a shipped config')
    .requiredOption('--input <file>', "safetensors with a tensor 'input', float32 [N, 3, H, W], normalised already")
    .requiredOption('--out <file>', 'safetensors: c2… p3… cls0… reg0… or logits, as far as the model has them')
    .action(async (name: string, given: unknown) => {
      const options = commonOptions(given);
      const files = z.object({ input: z.string(), out: z.string() }).parse(given);
      const log = createConsole(options.quiet);
      const opened = await openConfig(name, options.cfgOptions);
      const { input } = await readSafetensors(files.input);
      if (input === undefined || input.shape.length !== 4 || input.shape[1] !== 3) {
        const expected = "a tensor 'input' of shape [N, 3, H, W]";
        throw new LowformerError({
          code: 'invalid-argument',
          where: files.input,
          expected,
          received: input?.shape ?? 'none of that name',
        });
      }
      using weights = await openModelWeights(opened, options, log.say);
      const model = writeOnnx(optimise({ graph: opened.model.wholeGraph, parameters: weights.parameters }));
      const threads = options.threads === undefined ? {} : { threads: options.threads };
      await using engine = await createEngine(options.engine, model, { device: options.device, ...threads });
      await writeSafetensors(files.out, await engine.run({ input }));
      log.say(`${files.out}: written`);
    });
}
