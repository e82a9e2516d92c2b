/** Holds a classifier to timm's numbers, filled from a file by timm's names. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { tensor } from '../../core/tensor.js';
import { countMacs, countParameters, hasWeight } from '../../graph/count.js';
import type { ParameterSource } from '../../graph/graph.js';
import { buildModel } from '../../tasks/build_model.js';
import { fitNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';
import { formulaValue } from '../formula_weights.js';
import { readReference } from '../reference.js';
import { holdOutputs } from './openmmlab_parity.js';

const fileCase = z.object({
  parameters: z.number(),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
  macs_224: z.object({ total: z.number() }),
});

/** A file of formula weights, by its own names. */
export const formulaFile = (state: readonly (readonly [name: string, shape: readonly number[]])[]): StateDict =>
  new Map(state.map(([name, shape]) => [name, { shape, dtype: 'float32', read: () => formulaValue(name, shape) }]));

/** The values of a file, by the network's names. */
const weightsOf =
  (file: StateDict): ParameterSource =>
  (name) => {
    const found = file.get(name);
    if (found === undefined) throw new Error(`no ${name} in the file`);
    return tensor(found.shape, Float32Array.from(found.read()));
  };

/**
 * Tests that every tensor of timm's classifier has its place, that parameters and cost are equal, and every number.
 * @param name timm's, and of the reference in `fixtures/reference/peers`, which has ten classes.
 */
export function describeTimmFile(name: string, backbone: Readonly<Record<string, unknown>>, bound = 1e-5): void {
  describe(`timm’s ${name}, by the names of its file`, () => {
    const values = readReference(`peers/${name}`);
    const reference = fileCase.parse(values.description);
    const head = { type: 'LinearClsHead', num_classes: 10 };
    const { wholeGraph, checkpointFacts } = buildModel({ type: 'ImageClassifier', backbone, head });
    const parameters = [...wholeGraph.parameters.values()];
    const fitted = fitNames('f', formulaFile(reference.state_dict), parameters, checkpointFacts);

    test('every one has its place, and the cost is equal', () => {
      expect(new Set(fitted.keys())).toEqual(new Set(parameters.map(({ name }) => name)));
      expect(countParameters(wholeGraph)).toBe(reference.parameters);
      expect(countMacs(wholeGraph, { input: [1, 3, 224, 224] }, hasWeight)).toBe(reference.macs_224.total);
    });

    test('features and logits', async () => {
      await holdOutputs({ graph: wholeGraph, parameters: weightsOf(fitted) }, values, 5, bound);
    });
  });
}
