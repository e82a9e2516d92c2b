/**
 * A network with a head of one's own, from a config to a result:
 *
 *   npx jiti examples/own_head/main.ts picture.jpg
 *
 * Nobody has trained it: the weights are the initial ones, so the answer means nothing yet.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModel, countParameters, initialWeights, loadClassifier, type Tensor, writeSafetensors } from 'lowformer';
import config from './config.js';

const [picture] = process.argv.slice(2);
if (picture === undefined) throw new Error('usage: main.ts PICTURE');

const model = buildModel(config.model);
const own = [...model.wholeGraph.parameters.keys()].filter((name) => name.startsWith('head.'));
console.log(`${countParameters(model.wholeGraph)} parameters, of the head ${own.join(', ')}`);

const folder = await mkdtemp(join(tmpdir(), 'own-head-'));
try {
  const checkpoint = join(folder, 'initial.safetensors');
  const { parameters } = initialWeights(model);
  const tensors: Record<string, Tensor> = {};
  for (const name of model.wholeGraph.parameters.keys()) tensors[name] = parameters(name);
  await writeSafetensors(checkpoint, tensors);

  await using classifier = await loadClassifier(config, { checkpoint });
  const { ranking } = await classifier.predict(picture);
  for (const { category, score } of ranking) console.log(category, score.toFixed(3));
} finally {
  await rm(folder, { recursive: true });
}
