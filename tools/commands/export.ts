import { basename } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { Size } from '../../core/frame.js';
import { checkWritable, writeWhole } from '../../files/atomic_write.js';
import { listening } from '../../files/interruption.js';
import { packageVersion } from '../../files/package_version.js';
import { ONNX_PRECISIONS, type OnnxPrecision, writtenPrecision } from '../../graph/onnx/precision.js';
import { writeOnnx } from '../../graph/onnx/write.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { openModelWeights } from '../../models/network_weights.js';
import { deploy } from '../../tasks/deploy.js';
import { type CommonOptions, commonOptions, weightsOptions, withCommonOptions } from '../common_options.js';
import { createConsole } from '../console.js';
import { checkJsonTarget, writeJson } from '../json_output.js';

/**
 * `lowformer export CONFIG --out MODEL.onnx`: the network as ONNX, weights inside, for every batch and every picture size
 * that the network can take.
 */
export function exportCommand(signal: AbortSignal): Command {
  return withCommonOptions(new Command('export'))
    .argument('<config>', 'a file, or the name of a shipped config')
    .requiredOption('--out <file>', 'the .onnx file')
    .action(async (name: string, given: unknown) => {
      const options = commonOptions(given);
      const { out } = z.object({ out: z.string() }).parse(given);
      const precision = storedPrecision(options.precision);
      const log = createConsole(options.quiet);
      const weighted = weightsOptions(options, log, signal);
      const opened = await openConfigFor(options.checkpoint, name, options.cfgOptions, weighted);
      await checkWritable(out);
      await checkJsonTarget(options.json);
      using weights = await openModelWeights(opened, weighted, log.say);
      const { sizeDivisor } = opened.model;
      const windows = opened.model.task === 'segmentation' ? opened.model.windows : undefined;
      const network = deploy(opened.model, weights.parameters, { inputs: { kind: 'any' } });
      const file = writeOnnx(network, {
        precision,
        producerVersion: packageVersion(),
        metadata: {
          // The file may go anywhere: it says which config it is of, not where that lies on this machine.
          config: basename(name),
          classes: JSON.stringify(opened.metaInfo?.classes ?? []),
          size_divisor: String(sizeDivisor),
          // For whoever runs the file: the network sees windows, which slide over a picture.
          ...(windows === undefined ? {} : { crop_size: sidesText(windows.crop), stride: sidesText(windows.stride) }),
          precision,
        },
      });
      await listening(() =>
        writeWhole(out, async (handle) => {
          for (const chunk of file.chunks()) {
            signal.throwIfAborted();
            await handle.writeFile(chunk);
          }
        }),
      );
      const sizes = sizeDivisor === 1 ? 'height and width' : `height and width that ${sizeDivisor} divides`;
      log.say(`${out}: ${(file.byteLength / 1e6).toFixed(1)} MB, inputs of any batch, ${sizes}`);
      if (windows !== undefined) {
        const { crop, stride } = windows;
        const [size, step] = [`${crop.height}x${crop.width}`, `${stride.height}x${stride.width}`];
        log.say(
          `the config slides windows of ${size} by ${step}: the file holds the network that a window goes through`,
        );
      }
      if (options.json === undefined) return;
      const outputs = network.graph.outputs.map((output) => output.name);
      await writeJson(options.json, { file: out, bytes: file.byteLength, inputs: ['input'], outputs });
    });
}

/** @throws {LowformerError} `invalid-argument` for what engines calculate in, and no file holds. */
function storedPrecision(precision: CommonOptions['precision']): OnnxPrecision {
  const stored = writtenPrecision(precision);
  if (stored === precision) return stored;
  throw new LowformerError({
    code: 'invalid-argument',
    where: '--precision',
    expected: `${ONNX_PRECISIONS.join(' or ')} for a file`,
    received: precision,
    hint: `Export ${stored}: an engine that has ${precision} rounds to it itself`,
  });
}

/** As configs write them: `[height, width]`. */
function sidesText({ height, width }: Size): string {
  return JSON.stringify([height, width]);
}
