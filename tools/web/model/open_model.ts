import type { OnnxFile } from '../../../graph/onnx/write.js';
import { writeOnnx } from '../../../graph/onnx/write.js';
import { fitWeights, initialWeights } from '../../../models/fitted_weights.js';
import { formChanges, hasForms } from '../../../models/form_changes.js';
import { openGivenConfig } from '../../../models/given_configs.js';
import { type OpenedConfig, predictionParts } from '../../../models/opened_config.js';
import { deploy } from '../../../tasks/deploy.js';
import { type CheckpointContent, readCheckpoint } from '../../../weights/checkpoint_content.js';
import { describeLoad } from '../../../weights/load_report.js';
import { blobSource } from './blob_source.js';
import type { ConfigSource } from './config_source.js';

/** A checkpoint as a page has it. */
export interface CheckpointFile {
  readonly name: string;
  readonly blob: Blob;
}

/** A network with its weights, as an engine takes it. */
export interface PageModel {
  readonly opened: OpenedConfig;
  readonly file: OnnxFile;
  /** What the checkpoint filled, line by line. */
  readonly report: readonly string[];
}

/**
 * Builds a config's network with the weights of a checkpoint; without one, with initial weights. The checkpoint is read
 * while the file is.
 * @throws {LowformerError} for a config or checkpoint that is not right: each says what to do.
 */
export async function openPageModel(source: ConfigSource, checkpoint: CheckpointFile | undefined): Promise<PageModel> {
  const content = checkpoint === undefined ? undefined : readCheckpoint(blobSource(checkpoint.name, checkpoint.blob));
  const opened = await openFor(content, source);
  const { model } = opened;
  const { pipeline } = predictionParts(opened);
  const weights = content === undefined ? initialWeights(model) : fitWeights(model, content);
  const network = deploy(model, weights.parameters, { inputs: { kind: 'prepared', pipeline } });
  const report = weights.report === undefined ? ['initial weights: results are noise'] : describeLoad(weights.report);
  return { opened, file: writeOnnx(network), report };
}

/** The network in the form of the checkpoint: many branches, or fused. */
async function openFor(content: CheckpointContent | undefined, source: ConfigSource): Promise<OpenedConfig> {
  const { name, files } = source;
  const opened = await openGivenConfig(name, { files });
  if (content === undefined || !hasForms(opened.model)) return opened;
  const changes = formChanges(opened.model, [...content.tensors.keys()]);
  return changes.length === 0 ? opened : openGivenConfig(name, { files, cfgOptions: changes });
}
