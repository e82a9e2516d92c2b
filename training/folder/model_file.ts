/** A trained model as one file: its weights under the state_dict's names, and what they belong to. */
import { z } from 'zod';
import type { MetaInfo } from '../../data/metainfo.js';
import type { ConfigObject } from '../../registry/config_tree.js';
import { openCheckpoint } from '../../weights/checkpoint.js';
import { DATASET_META } from '../../weights/dataset_meta.js';
import { type WritableTensors, writeSafetensors } from '../../weights/safetensors.js';

/** What stands beside the weights. */
export interface ModelFacts {
  /** The whole config, resolved. */
  readonly config: ConfigObject;
  /** Class names, in the order of the network's outputs. */
  readonly metaInfo: Pick<MetaInfo, 'classes' | 'palette'>;
  /** Whole epochs and iterations of training. */
  readonly epoch: number;
  readonly iteration: number;
  /** Of the last validation. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
}

/**
 * Writes weights and facts as safetensors, whole or not at all: what stood there stays where there is no room. Python's
 * safetensors reads it as a state_dict.
 * @throws {LowformerError} `unwritable-file`.
 */
export async function writeModelFile(path: string, weights: WritableTensors, facts: ModelFacts): Promise<void> {
  const { classes, palette } = facts.metaInfo;
  await writeSafetensors(path, weights, {
    format: 'pt',
    config: JSON.stringify(facts.config),
    [DATASET_META]: JSON.stringify({ classes, ...(palette === undefined ? {} : { palette }) }),
    epoch: String(facts.epoch),
    iteration: String(facts.iteration),
    ...(facts.metrics === undefined ? {} : { metrics: JSON.stringify(facts.metrics) }),
  });
}

const configSchema = z.string().transform((text, context) => {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    context.addIssue({ code: 'custom', message: 'expected a config as JSON' });
    return z.NEVER;
  }
});

/**
 * The config inside a model file; undefined where it has none.
 * @throws {LowformerError} `unreadable-file` or `unreadable-checkpoint`.
 */
export async function readModelConfig(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  using checkpoint = await openCheckpoint(path);
  return configSchema.safeParse(checkpoint.meta.config).data;
}
