/** What each switched pass makes of a network's time in ONNX Runtime, alone and together. */
import { SHIPPED_CONFIGS } from '../configs/index.js';
import { elements, tensor } from '../core/tensor.js';
import { threadLimit } from '../engines/thread/threads.js';
import { countMacs } from '../graph/count.js';
import { type Pass, switchedPasses } from '../graph/passes/index.js';
import { noise } from '../measuring/timing/measure.js';
import { deployedPasses } from '../models/deployed_passes.js';
import { buildModel } from '../tasks/build_model.js';
import { deployGraph } from '../tasks/deploy.js';
import { formulaNetwork, onnxBytes, relativeError } from '../test/run_network.js';
import { modelsInTurns } from './models_in_turns.js';
import type { Report } from './report.js';

const shape = [1, 3, 512, 512];
const NETWORKS = {
  'Semantic FPN B0': 'sem-fpn_lowformer-b0_40k_ade20k-512x512',
  'Semantic FPN B1': 'sem-fpn_lowformer-b1_40k_ade20k-512x512',
  'Semantic FPN B2': 'sem-fpn_lowformer-b2_40k_ade20k-512x512',
  'Semantic FPN B3': 'sem-fpn_lowformer-b3_40k_ade20k-512x512',
  'RetinaNet B0': 'retinanet_lowformer-b0_fpn_1x_coco',
  'RetinaNet B1': 'retinanet_lowformer-b1_fpn_1x_coco',
} as const;
/** A transposed convolution is much slower than a plain one: what makes some is measured with what makes them plain again. */
const VARIANTS: Readonly<Record<string, readonly Pass[]>> = {
  none: [],
  composeLinear: switchedPasses({ composeLinear: true, subPixel: true }),
  composePairs: switchedPasses({ composePairs: true, subPixel: true }),
  winograd: switchedPasses({ winograd: true }),
  'as deployed': deployedPasses('onnxruntime', 'cpu'),
};

/** Every variant of a network is a session of this process; they take turns. */
export async function benchmarkPasses(rounds = 15): Promise<Report> {
  const rows = [];
  for (const [network, config] of Object.entries(NETWORKS)) {
    rows.push(...(await compare(network, config, rounds)));
    process.stderr.write(`${network}\n`);
  }
  return {
    title: 'Switched passes in ONNX Runtime',
    how: `512x512, batch 1, ${threadLimit().threads} threads, specialised to multiples of 32; ${rounds} rounds in which the variants of a network take turns. "GMAC" counts multiply-accumulates, "processor" is processor time in milliseconds, both times are minima; "ratio" is how many times as fast as without passes, "difference" the largest between outputs as a share of the largest output, "others" the most that other processes took of the processors during a round that counts.`,
    rows,
  };
}

async function compare(network: string, config: (typeof NETWORKS)[keyof typeof NETWORKS], rounds: number) {
  const { graph } = buildModel(SHIPPED_CONFIGS[config].model);
  const input = tensor(shape, new Float32Array(elements(shape)).map(noise(-2, 2)));
  const variants = Object.entries(VARIANTS).map(([passes, given]) => {
    const deployed = deployGraph(formulaNetwork(graph), 32, given);
    return { passes, gmac: countMacs(deployed.graph, { input: shape }) / 1e9, model: onnxBytes(deployed) };
  });
  const measured = await modelsInTurns(
    variants.map(({ model }) => model),
    input,
    rounds,
  );
  const [plain] = measured;
  return measured.map(({ time, processor, ratio, outputs, others }, i) => {
    const difference = Math.max(
      ...(plain?.outputs ?? []).map((reference, at) => relativeError(outputs[at], reference)),
    );
    const { passes, gmac } = variants[i] ?? {};
    return { network, passes, GMAC: gmac, time, processor, ratio, difference, others };
  });
}
