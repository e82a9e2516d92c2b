/** What int8 makes of a network's time in ONNX Runtime, the network alone. */
import { elements, type Tensor, tensor } from '../core/tensor.js';
import { threadLimit } from '../engines/thread/threads.js';
import type { Network } from '../graph/graph.js';
import { quantizedForm } from '../graph/onnx/quantized_values.js';
import { writeOnnx } from '../graph/onnx/write.js';
import type { PassSwitches } from '../graph/passes/index.js';
import { observedValues, quantizeNetwork } from '../graph/quantization/quantize_network.js';
import { noise } from '../measuring/timing/measure.js';
import { deployedPasses } from '../models/deployed_passes.js';
import { openModelWeights } from '../models/network_weights.js';
import { openConfig } from '../models/open_config.js';
import { observe } from '../quantization/observe.js';
import { INT8_PASSES } from '../quantization/quantize_model.js';
import { deployGraph } from '../tasks/deploy.js';
import { formulaNetwork, onnxBytes } from '../test/run_network.js';
import { modelsInTurns } from './models_in_turns.js';
import type { Report } from './report.js';

const shape = [1, 3, 512, 512];
/** Of the sides of pictures, as pipelines make them. */
const DIVISOR = 32;
const NETWORKS = {
  'blood cells': 'blood-cells',
  'RetinaNet B1': 'retinanet_lowformer-b1_fpn_1x_coco',
  'Semantic FPN B1': 'sem-fpn_lowformer-b1_40k_ade20k-512x512',
} as const;

/** The float network without Winograd's convolutions and as it is deployed, and the int8 one, take turns in this process. */
export async function benchmarkInt8(rounds = 15): Promise<Report> {
  const rows = [];
  for (const [network, config] of Object.entries(NETWORKS)) {
    rows.push(...(await compare(network, config, rounds)));
    process.stderr.write(`${network}\n`);
  }
  return {
    title: 'int8 in ONNX Runtime',
    how: `512x512, batch 1, ${threadLimit().threads} threads, weights of 7 bits, all made for sides that are multiples of ${DIVISOR} (without --any-size); ${rounds} rounds in which the three take turns. "direct": every convolution multiplies each tap, as int8 does too; "deployed": those that gain by it go by Winograd's tiles. "processor" is processor time in milliseconds, both times are minima; "ratio" is how many times as fast as float32 direct, "of deployed" as float32 as it is deployed, "others" the most that other processes took of the processors during a round that counts.`,
    rows,
  };
}

async function compare(network: string, config: string, rounds: number) {
  const { direct, deployed, int8 } = await formsOf(config);
  const input = tensor(shape, new Float32Array(elements(shape)).map(noise(-2, 2)));
  const models = {
    'float32, direct': onnxBytes(direct),
    'float32, deployed': onnxBytes(deployed),
    int8: await quantized(int8, input),
  };
  const measured = await modelsInTurns(Object.values(models), input, rounds);
  const ofDeployed = measured[1]?.ratio ?? 1;
  return Object.entries(models).flatMap(([arithmetic, { length }], i) => {
    const times = measured[i];
    if (times === undefined) return [];
    const { time, processor, ratio, others } = times;
    return [
      { network, arithmetic, MB: length / 1e6, time, processor, ratio, 'of deployed': ratio / ofDeployed, others },
    ];
  });
}

/** Shipped weights where there are some, else those that follow from their names. */
async function formsOf(config: string): Promise<Readonly<Record<'direct' | 'deployed' | 'int8', Network>>> {
  const opened = await openConfig(config);
  const { graph } = opened.model;
  const parameters =
    opened.checkpoint === undefined
      ? formulaNetwork(graph).parameters
      : (await openModelWeights(opened, {}, () => {})).parameters;
  const float = (passes?: PassSwitches) =>
    deployGraph({ graph, parameters }, DIVISOR, deployedPasses('onnxruntime', 'cpu', { passes }));
  return {
    direct: float({ winograd: false }),
    deployed: float(),
    int8: deployGraph({ graph, parameters }, DIVISOR, INT8_PASSES),
  };
}

async function quantized(network: Network, input: Tensor): Promise<Uint8Array> {
  await using observer = observe(network, observedValues(network));
  await observer.run({ input });
  const { quantization, ...int8 } = quantizeNetwork(network, observer.observations('min-max'));
  return Buffer.concat(
    [...writeOnnx(int8, { form: quantizedForm(quantization) }).chunks()].map((chunk) => Buffer.from(chunk)),
  );
}
