import { publishedModel } from '../configs/zoo/index.js';
import { noteText } from '../core/notes.js';
import { onnxModel } from '../engines/onnx_model.js';
import { type OnnxFile, writeOnnx } from '../graph/onnx/write.js';
import { checkpointChanges, classDisagreement } from '../models/checkpoint_changes.js';
import { fitWeights } from '../models/fitted_weights.js';
import { type OpenedConfig, openedConfig, predictionParts } from '../models/opened_config.js';
import { checkQuantizedModel, checkQuantizedOptions, isModelFile } from '../models/quantized_model.js';
import { requireTask } from '../models/require_task.js';
import { requireWeights } from '../models/require_weights.js';
import { resolveConfig } from '../registry/config_merge.js';
import { applyOverrides } from '../registry/config_overrides.js';
import { deploy } from '../tasks/deploy.js';
import { type ByteSource, bytesInMemory } from '../weights/byte_source.js';
import { readCheckpoint } from '../weights/checkpoint_content.js';
import { describeLoad, type LoadReport } from '../weights/load_report.js';
import { blobSource } from './blob_source.js';
import { webConfigs } from './config_source.js';
import { fetchCheckpoint } from './fetch_checkpoint.js';
import type { FetchProgress } from './fetch_file.js';
import type { CheckpointSource, NetworkRequest } from './network_request.js';
import { quantizedModelOf } from './quantized_source.js';

/** A network with its weights, as an engine takes it. */
export interface OpenNetwork {
  readonly opened: OpenedConfig;
  readonly file: OnnxFile;
  readonly report: LoadReport | undefined;
  /** What was found on the way, line by line. */
  readonly lines: readonly string[];
}

/**
 * Builds a config's network, in the form of its checkpoint, with the weights of the checkpoint, which is read while the
 * ONNX file is.
 * @throws {LowformerError} for a config or checkpoint that is not right: each says what to do.
 */
export async function openNetwork(
  request: NetworkRequest,
  onDownload: (progress: FetchProgress) => void,
): Promise<OpenNetwork> {
  const { task, allowMismatch, precision } = request;
  const first = await openConfig(request, []);
  if (task !== undefined) requireTask(first.model, task);
  const published = publishedSource(request);
  requireWeights(first, request.config, request.checkpoint ?? published);
  const own = first.checkpoint === undefined ? published : undefined;
  const source = request.checkpoint ?? own ?? loadFrom(first, request);
  if (isModelFile(sourceName(source))) return openQuantized(first, source, request, onDownload);
  const content = readCheckpoint(await byteSource(source, onDownload), { key: request.checkpointKey });
  const { changes, notes } = checkpointChanges(first, content);
  const opened = changes.length === 0 ? first : await openConfig(request, changes);
  const { pipeline } = predictionParts(opened);
  const { parameters, report } = fitWeights(opened.model, content, { allowMismatch });
  const disagreement = classDisagreement(opened, content);
  const network = deploy(opened.model, parameters, { inputs: { kind: 'prepared', pipeline } });
  const said = [
    ...(disagreement === undefined ? [] : [disagreement]),
    ...(report === undefined ? [] : describeLoad(report)),
  ];
  const found = said.map((line) => `${content.path}: ${line}`);
  return {
    opened,
    file: writeOnnx(network, { precision, device: request.device }),
    report,
    lines: [...[...opened.notes, ...notes].map(noteText), ...found],
  };
}

/** A quantized model, which runs as it is. */
async function openQuantized(
  opened: OpenedConfig,
  source: CheckpointSource,
  { precision, checkpointKey, allowMismatch }: NetworkRequest,
  onDownload: (progress: FetchProgress) => void,
): Promise<OpenNetwork> {
  checkQuantizedOptions({ checkpointKey, allowMismatch, ...(precision === 'float32' ? {} : { precision }) });
  const { pipeline } = predictionParts(opened);
  const bytes = await wholeSource(source, onDownload);
  const model = await quantizedModelOf(sourceName(source), bytes);
  await checkQuantizedModel(model, opened, { kind: 'prepared', pipeline });
  return { opened, file: onnxModel(bytes), report: undefined, lines: opened.notes.map(noteText) };
}

async function wholeSource(
  source: CheckpointSource,
  onDownload: (progress: FetchProgress) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  switch (source.kind) {
    case 'bytes':
      return new Uint8Array(source.bytes);
    case 'blob':
      return new Uint8Array(await source.blob.arrayBuffer());
    case 'address':
      return new Uint8Array(await (await fetchCheckpoint(source.address, source.sha256, onDownload)).arrayBuffer());
  }
}

/** The last part of an address, or the name of a file. */
function sourceName(source: CheckpointSource): string {
  if (source.kind !== 'address') return source.name;
  const { pathname } = new URL(source.address);
  return pathname.slice(pathname.lastIndexOf('/') + 1);
}

async function openConfig(
  { config, files, cfgOptions }: NetworkRequest,
  changes: readonly string[],
): Promise<OpenedConfig> {
  return openedConfig(applyOverrides(await resolveConfig(config, webConfigs(files)), [...cfgOptions, ...changes]));
}

/** The config's own checkpoint, beside the config where that has an address. */
function loadFrom({ checkpoint = '' }: OpenedConfig, { config, base }: NetworkRequest): CheckpointSource {
  return { kind: 'address', address: new URL(checkpoint, URL.canParse(config) ? config : base).href };
}

/** What was published with the config's name, where that is a shipped one's. */
function publishedSource({ config, files }: NetworkRequest): CheckpointSource | undefined {
  const model = Object.hasOwn(files, config) ? undefined : publishedModel(config);
  return model === undefined ? undefined : { kind: 'address', ...model.checkpoint };
}

async function byteSource(
  source: CheckpointSource,
  onDownload: (progress: FetchProgress) => void,
): Promise<ByteSource> {
  switch (source.kind) {
    case 'bytes':
      return bytesInMemory(source.name, source.bytes);
    case 'blob':
      return blobSource(source.name, source.blob);
    case 'address':
      return blobSource(source.address, await fetchCheckpoint(source.address, source.sha256, onDownload));
  }
}
