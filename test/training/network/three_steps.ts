/** Three steps of a tiny detector on any engine, in Node or in a page. Free of Node's API. */
import type { Engine } from '../../../engines/engine.js';
import type { Network } from '../../../graph/graph.js';
import { trainingNetworkOn } from '../../../training/network/network_on_engine.js';
import { createOptimWrapper } from '../../../training/optim_wrapper/optim_wrapper.js';
import { optimWrapperSchema } from '../../../training/optim_wrapper/schema.js';
import { detectionBatch, tinyTraining } from './tiny_batches.js';

/** The losses before each of them, by name. */
export async function threeSteps(
  createEngine: (network: Network) => Promise<Engine>,
): Promise<readonly Readonly<Record<string, number>>[]> {
  const batch = detectionBatch();
  const trained = { ...tinyTraining('detector'), batchNorm: 'batch', usual: batch.input.shape } as const;
  await using network = await trainingNetworkOn(createEngine, trained);
  const optimizer = { type: 'AdamW', lr: 1e-2 };
  const wrapper = optimWrapperSchema.parse({ type: 'OptimWrapper', optimizer, clip_grad: { max_norm: 10 } });
  const optimiser = createOptimWrapper(wrapper, network.parameters);
  const losses: Readonly<Record<string, number>>[] = [];
  for (let iteration = 0; iteration < 3; iteration++) {
    const step = await network.step(batch, { seed: 1, iteration });
    losses.push(step.losses);
    optimiser.update(step.gradients);
  }
  return losses;
}
