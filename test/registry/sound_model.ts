/** What holds of every network that the tables allow, without running it. */
import { expect } from 'vitest';
import { countByModule, countMacs, countParameters } from '../../graph/count.js';
import { evaluateShapes } from '../../graph/shapes.js';
import { verifyGraph } from '../../graph/verify.js';
import { buildModel } from '../../tasks/build_model.js';
import { TASKS } from '../../tasks/index.js';
import type { Keys } from './sample_configs.js';

/** A model of three classes from the tables of sample configs. */
export function expectSoundModel(model: Keys): void {
  const built = buildModel(model);
  expectSound(built.wholeGraph, TASKS.get(built.type, 'test').headKey, 'neck' in model);
  expect(built.numClasses).toBe(3);
  expect(built.decode).toBeTypeOf('function');
  expect(built.unused).toEqual([]);
}

/** What holds of every network: at a size that no stride divides, too, where the network can take one. */
export function expectSound(
  graph: ReturnType<typeof buildModel>['wholeGraph'],
  headKey: string,
  hasNeck: boolean,
): void {
  expect(verifyGraph(graph)).toBe(graph);
  const names = [...graph.parameters.keys()];
  const prefixes = new Set(names.map((name) => name.slice(0, name.indexOf('.'))));
  expect([...prefixes]).toEqual(['backbone', ...(hasNeck ? ['neck'] : []), headKey]);

  const divisor = graph.inputs[0]?.sizeDivisor ?? 1;
  const odd = divisor === 1 ? { height: 75, width: 101 } : { height: 3 * divisor, width: 5 * divisor };
  for (const { height, width } of [{ height: 64, width: 96 }, odd]) {
    const shapes = evaluateShapes(graph, { input: [2, 3, height, width] });
    for (const { name, value } of graph.outputs) {
      const shape = shapes.get(value.id) ?? [];
      expect(shape[0], name).toBe(2);
      expect(
        shape.every((side) => Number.isInteger(side) && side > 0),
        `${name} [${shape}]`,
      ).toBe(true);
    }
  }
  const sizes = { input: [1, 3, 64, 96] };
  const [parameters, macs] = [countParameters(graph), countMacs(graph, sizes)];
  expect(Number.isSafeInteger(parameters) && parameters > 0).toBe(true);
  expect(Number.isSafeInteger(macs) && macs > 0).toBe(true);
  const byModule = countByModule(graph, sizes, 2);
  expect(byModule.reduce((sum, module) => sum + module.parameters, 0)).toBe(parameters);
  expect(byModule.reduce((sum, module) => sum + module.macs, 0)).toBe(macs);
}
