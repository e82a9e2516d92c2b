/** Networks of the run: the shipped ones, or tiny ones in the short form, with weights that follow from their names. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LowformerError } from '../../core/errors.js';
import { createEngine, type Engine } from '../../engines/index.js';
import type { OnnxPrecision } from '../../graph/onnx/precision.js';
import type { Pass } from '../../graph/passes/index.js';
import { deployedPasses } from '../../models/deployed_passes.js';
import { type OpenedConfig, openConfig } from '../../models/open_config.js';
import { type DeployedOutputs, deploy } from '../../tasks/deploy.js';
import { formulaNetwork } from '../../test/run_network.js';
import { classifier, detector, segmentor } from '../../test/tools/tiny_configs.js';

const TINY = { 'tiny classifier': classifier, 'tiny detector': detector, 'tiny segmentor': segmentor } as const;

/** @param name of a shipped config, or of a tiny one. */
export async function openNamed(name: string): Promise<OpenedConfig> {
  return openConfig(isTiny(name) ? await tinyConfigFile(name) : name);
}

const isTiny = (name: string): name is keyof typeof TINY => name in TINY;

export interface Where {
  readonly device: string;
  readonly precision: OnnxPrecision;
}

export interface Opening extends Where {
  readonly outputs?: DeployedOutputs;
  /** Heights and widths that will come. */
  readonly sides: readonly number[];
  readonly signal?: AbortSignal;
  /** Told why, before the model is opened anew. */
  readonly onRestart?: (reason: LowformerError) => void;
  /** Beside those that the device's networks go through anyway. */
  readonly passes?: readonly Pass[];
}

/**
 * A network on a device, ready to run, with the formula weights.
 * @throws {LowformerError} what the engine throws: a device that is not there, too little memory.
 */
export async function openFormula(
  { model }: OpenedConfig,
  { device, precision, outputs = 'head', sides, signal, onRestart = () => {}, passes = [] }: Opening,
): Promise<Engine> {
  const network = deploy(model, formulaNetwork(model.wholeGraph).parameters, {
    outputs,
    inputs: { kind: 'fixed', sizes: sides.map((side) => ({ width: side, height: side })) },
    passes: [...deployedPasses('onnxruntime', device, { precision }), ...passes],
  });
  const abort = signal === undefined ? {} : { signal };
  return createEngine('onnxruntime', network, { device, precision, onRestart, ...abort });
}

/** A tiny config as a file, as all else takes configs. The run's temporary folder is removed as a whole. */
export async function tinyConfigFile(name: keyof typeof TINY): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tiny-'));
  const path = join(folder, `${name.replace(' ', '_')}.json`);
  await writeFile(path, JSON.stringify(TINY[name]));
  return path;
}
