/** A config and its weights, made ready to be run by workers. */
import { hostname } from 'node:os';
import { publishedModel } from '../configs/zoo/index.js';
import { LowformerError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { Result } from '../core/results.js';
import { exactJson } from '../files/exact_json.js';
import { packageVersion } from '../files/package_version.js';
import { openModelWeights } from '../models/network_weights.js';
import { type OpenedConfig, predictionParts } from '../models/opened_config.js';
import type { LoadOptions } from '../models/options.js';
import { isModelFile } from '../models/quantized_model.js';
import { SHIPPED_MODELS } from '../models/shipped_models.js';
import { fileFingerprint, fingerprint } from '../runs/fingerprint.js';
import type { PictureRunner } from '../runs/picture_runner.js';
import type { QueueConnection } from './connection.js';
import { queueRunner } from './queue_runner.js';
import { PROTOCOL, runSchema } from './run_record.js';

export interface GivenOut {
  readonly connection: QueueConnection;
  /** With the file of its weights. */
  readonly opened: OpenedConfig;
  /** What the user called the config. */
  readonly reference: string;
  readonly load: LoadOptions;
  readonly batchSize: number;
  readonly log: Log;
}

/**
 * Workers in place of a model in this process; `R` is of the config's own task. Weights are held to the network here
 * already, where somebody reads what is wrong with them.
 * @throws {LowformerError} as opening weights.
 */
export async function giveOut<R extends Result>({
  connection,
  opened,
  reference,
  load,
  batchSize,
  log,
}: GivenOut): Promise<PictureRunner<R>> {
  const { checkpoint, model } = opened;
  if (checkpoint === undefined) {
    const expected = 'a checkpoint of the whole network';
    throw new LowformerError({
      code: 'invalid-argument',
      where: '--queue',
      expected,
      hint: 'Name a file with --checkpoint.',
    });
  }
  const { labels } = predictionParts(opened, load.tta);
  const { checkpointKey, allowMismatch } = load;
  if (!isModelFile(checkpoint)) {
    using _ = await openModelWeights(opened, { checkpointKey, ...(allowMismatch && { allowMismatch }) }, log.say);
  }
  const config = exactJson(opened.config.value);
  const published = Object.hasOwn(SHIPPED_MODELS, reference) || publishedModel(reference) !== undefined;
  const { device, engine, precision, fastMath, tta, denseBoxes } = load;
  const asked = { checkpointKey, allowMismatch, device, engine, precision, fastMath, tta, denseBoxes };
  // As JSON, so that what is undefined is left out.
  const text = exactJson({
    version: packageVersion(),
    protocol: PROTOCOL,
    from: `${hostname()}:${process.pid}`,
    config,
    configDigest: fingerprint([JSON.parse(config)]),
    checkpoint: {
      path: checkpoint,
      digest: await fileFingerprint(checkpoint),
      ...(published ? { model: reference } : {}),
    },
    batchSize,
    load: asked,
  });
  const record = runSchema.omit({ pictures: true }).parse(JSON.parse(text));
  return queueRunner<R>({ connection, record, labels, task: model.task, log });
}
