/** Runs two networks in turns and tells each round's times. */
import { tensor } from '../../../core/tensor.js';
import type { Engine } from '../../../engines/engine.js';
import { createWebEngine } from '../../../engines/onnxruntime_web/engine.js';
import { countMacs, countParameters } from '../../../graph/count.js';
import { writeOnnx } from '../../../graph/onnx/write.js';
import { noise } from '../../../measuring/timing/statistics.js';
import { initialWeights } from '../../../models/fitted_weights.js';
import { openGivenConfig } from '../../../models/given_configs.js';
import { deploy } from '../../../tasks/deploy.js';
import { answerCalls } from '../../../web/worker_answers.js';
import { RUNTIME_FILES } from '../page/runtime_files.js';
import {
  type Cost,
  type MeasuringAnswer,
  type MeasuringProgress,
  type MeasuringSettings,
  WARM_UP,
} from './protocol.js';

answerCalls<MeasuringSettings, MeasuringAnswer, MeasuringProgress>(async (settings, tell) => {
  const first = await openNetwork(settings.first, settings, tell);
  const second = await openNetwork(settings.second, settings, tell);
  tell({ kind: 'opened', costs: [first.cost, second.cost] });
  const { height, width } = settings.size;
  const shape = [settings.batch, 3, height, width];
  const input = tensor(shape, new Float32Array(settings.batch * 3 * height * width).map(noise(-2, 2)));
  const time = async ({ engine }: Opened): Promise<number> => {
    const start = performance.now();
    await engine.run({ input });
    return performance.now() - start;
  };
  for (let round = -WARM_UP; round < settings.rounds; round++) {
    // A B, then B A: a processor that heats up meets both alike.
    const forwards = round % 2 === 0;
    const early = await time(forwards ? first : second);
    const late = await time(forwards ? second : first);
    if (round < 0) tell({ kind: 'warm-up', done: WARM_UP + round + 1 });
    else tell({ kind: 'round', times: forwards ? [early, late] : [late, early] });
  }
  return { answer: { kind: 'measured' } };
});

interface Opened {
  readonly engine: Engine;
  readonly cost: Cost;
}

/** A shipped config's network with initial weights, which follow from their names: the same numbers in every browser. */
async function openNetwork(
  config: string,
  { part, device, threads, size }: MeasuringSettings,
  tell: (progress: MeasuringProgress) => void,
): Promise<Opened> {
  tell({ kind: 'opening', config });
  const { model } = await openGivenConfig(config);
  const weights = initialWeights(model);
  const use = { outputs: part === 'whole' ? 'head' : part, inputs: { kind: 'fixed', sizes: [size] } } as const;
  const network = deploy(model, weights.parameters, use);
  const macs = countMacs(network.graph, { input: [1, 3, size.height, size.width] });
  const engine = await createWebEngine(writeOnnx(network, { device }), { device, threads, files: RUNTIME_FILES });
  return { engine, cost: { parameters: countParameters(network.graph), macs } };
}
