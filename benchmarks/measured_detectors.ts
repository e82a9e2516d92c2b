/** The detectors that runs over files are measured with, and their bare networks. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tensor } from '../core/tensor.js';
import { packageRoot } from '../files/package_version.js';
import type { Network, ParameterSource } from '../graph/graph.js';
import { deployedPasses } from '../models/deployed_passes.js';
import type { LoadOptions } from '../models/load_model.js';
import { initialWeights, openModelWeights } from '../models/network_weights.js';
import { openConfig, predictionParts } from '../models/open_config.js';
import { deploy } from '../tasks/deploy.js';
import type { Model } from '../tasks/model.js';
import { writeSafetensors } from '../weights/safetensors.js';

export interface MeasuredDetector {
  readonly name: string;
  readonly config: string;
  /** The whole network runs, as the bare one does beside it. */
  readonly options: LoadOptions & {
    readonly checkpoint: string;
    readonly cfgOptions: readonly string[];
    readonly denseBoxes: true;
  };
  readonly size: readonly [height: number, width: number];
  /** In one round. */
  readonly pictures: number;
}

export interface LargeDetector {
  readonly name: string;
  readonly config: string;
  readonly pictures: number;
}

const asset = (name: string) => fileURLToPath(new URL(`assets/${name}`, packageRoot()));

/** The demo's model. */
export const DEMO = { config: asset('blood_cells.json'), checkpoint: asset('blood_cells.safetensors') } as const;

/**
 * The demo's, and another one at 512x512 with weights as training starts from.
 * @param folder where those weights are written.
 */
export async function measuredDetectors(folder: string, large: LargeDetector): Promise<readonly MeasuredDetector[]> {
  const checkpoint = join(folder, 'initial.safetensors');
  const { model } = await openConfig(large.config);
  await writeWeights(checkpoint, model, initialWeights(model).parameters);
  const cfgOptions = ['test_pipeline.1.scale=[512,512]', 'test_pipeline.1.keep_ratio=False'];
  return [
    {
      name: 'demo model, 416x320',
      config: DEMO.config,
      options: { checkpoint: DEMO.checkpoint, cfgOptions: [], denseBoxes: true },
      size: [320, 416],
      pictures: 24,
    },
    { ...large, options: { checkpoint, cfgOptions, denseBoxes: true }, size: [512, 512] },
  ];
}

/** A checkpoint of every parameter of a model. */
export async function writeWeights(
  file: string,
  { wholeGraph }: Pick<Model, 'wholeGraph'>,
  parameters: ParameterSource,
): Promise<void> {
  const tensors: Record<string, Tensor> = {};
  for (const name of wholeGraph.parameters.keys()) tensors[name] = parameters(name);
  await writeSafetensors(file, tensors);
}

/** The network of a detector as ONNX Runtime gets it. Its weights can be read until it is disposed of. */
export async function bareNetwork({ config, options }: MeasuredDetector): Promise<Network & Disposable> {
  const opened = await openConfig(config, options.cfgOptions);
  const weights = await openModelWeights(opened, { checkpoint: options.checkpoint }, () => {});
  const { pipeline } = predictionParts(opened);
  const network = deploy(opened.model, weights.parameters, {
    inputs: { kind: 'prepared', pipeline },
    passes: deployedPasses('onnxruntime', 'cpu'),
  });
  return { ...network, [Symbol.dispose]: () => weights[Symbol.dispose]() };
}

/** An input of the detector's size: grey. */
export function greyInput({ size: [height, width] }: MeasuredDetector, batch = 1): Tensor {
  return { shape: [batch, 3, height, width], data: new Float32Array(batch * 3 * height * width).fill(0.5) };
}
