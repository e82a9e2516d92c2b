/**
 * Every registered backbone under every neck and head, run for real: the smallest form of each, two sizes through one
 * exported network, as it is written. (`registered_modules.test.ts` evaluates the shapes of every form without running it.)
 */
import { describe, expect, test } from 'vitest';
import { BACKBONES } from '../../backbones/index.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { optimise } from '../../graph/passes/index.js';
import { evaluateShapes } from '../../graph/shapes.js';
import { buildModel } from '../../tasks/build_model.js';
import { TASKS } from '../../tasks/index.js';
import { formulaInput } from '../formula_weights.js';
import { VERIFIED } from '../graph/passes/run_pass.js';
import { formulaNetwork, onnxBytes, runOnnxAsWritten } from '../run_network.js';
import { smallestFirst } from './models_of_parts.js';
import { type Keys, modelsOf } from './sample_configs.js';

/** One type of model for each task: others of the same task are built of the same parts. */
const TYPES = [...new Map(TASKS.names().map((type) => [TASKS.get(type, 'test').task, type])).values()];

function smallest(type: string): Keys {
  const [config] = smallestFirst(type);
  if (config === undefined) throw new Error(`no config for backbone ${type} in sample_configs.ts`);
  return config;
}

describe.each(BACKBONES.names())('%s', (type) => {
  const weights = new Map<string, Tensor>();
  const models = modelsOf({ [type]: [smallest(type)] }).filter(({ model }) => TYPES.includes(model.type));

  test.each(models)('$title', async ({ model }) => {
    const { wholeGraph, sizeDivisor } = buildModel(model);
    const sizes =
      sizeDivisor === 1
        ? ['64x96', '75x101']
        : [`${sizeDivisor}x${sizeDivisor * 2}`, `${sizeDivisor * 3}x${sizeDivisor}`];
    const inputs = sizes.map((size) => {
      const shape = [1, 3, ...size.split('x').map(Number)];
      return { input: tensor(shape, formulaInput(size, shape)) };
    });
    const outputs = await runOnnxAsWritten(
      onnxBytes(optimise(formulaNetwork(wholeGraph, weights), VERIFIED)),
      ...inputs,
    );
    for (const [i, { input }] of inputs.entries()) {
      const shapes = evaluateShapes(wholeGraph, { input: input.shape });
      for (const { name, value } of wholeGraph.outputs) {
        const output = outputs[`${i}.${name}`];
        expect(output?.shape, `${sizes[i]} ${name}`).toEqual(shapes.get(value.id));
        expect(output?.data.every(Number.isFinite), `${sizes[i]} ${name}`).toBe(true);
        expect(
          output?.data.every((number) => number === output.data[0]),
          `${sizes[i]} ${name}`,
        ).toBe(false);
      }
    }
  });
});
