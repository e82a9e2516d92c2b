/** `arch: 'custom'` of a backbone against the official code, flag by flag, from fixtures of that code's numbers. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Tensor, tensor } from '../../core/tensor.js';
import { countParameters } from '../../graph/count.js';
import type { Graph } from '../../graph/graph.js';
import { optimise } from '../../graph/passes/index.js';
import { formulaInput } from '../formula_weights.js';
import { readSafetensors } from '../read_safetensors.js';
import { formulaNetwork, relativeError, runNetwork } from '../run_network.js';

const caseSchema = z.object({
  widths: z.array(z.number()),
  depths: z.array(z.number()),
  flags: z.record(z.string(), z.union([z.boolean(), z.number()])),
  parameters: z.number(),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
});
export type CustomConfig = { readonly arch: 'custom' } & Pick<
  z.output<typeof caseSchema>,
  'widths' | 'depths' | 'flags'
>;

/**
 * @param fixture `NAME` of `fixtures/backbones/NAME.json` and `.safetensors`.
 * @param size height and width of the fixture's inputs.
 * @param build the graph of a config, with outputs `c2` to `c5` and parameters below `backbone.`.
 */
export function describeCustom(
  fixture: string,
  [height, width]: readonly [height: number, width: number],
  build: (config: CustomConfig) => Graph,
): void {
  const file = (extension: string) => new URL(`../fixtures/backbones/${fixture}.${extension}`, import.meta.url);
  const cases = z.record(z.string(), caseSchema).parse(JSON.parse(readFileSync(file('json'), 'utf8')));
  const values = readSafetensors(file('safetensors'));

  describe.each(Object.entries(cases))('case %s', (name, { widths, depths, flags, ...reference }) => {
    const graph = build({ arch: 'custom', widths, depths, flags });

    test('keys and parameters', () => {
      expect([...graph.parameters.values()].map((parameter) => [parameter.name, parameter.shape])).toEqual(
        reference.state_dict,
      );
      expect(countParameters(graph)).toBe(reference.parameters);
    });

    test('feature maps', async () => {
      const shape = [1, 3, height, width];
      const input: Tensor = tensor(shape, formulaInput(`input.${name}`, shape));
      const outputs = await runNetwork(optimise(formulaNetwork(graph)), { input });
      for (const key of ['c2', 'c3', 'c4', 'c5']) {
        expect(relativeError(outputs[key], values.float32(`${name}.${key}`)), key).toBeLessThan(1e-5);
      }
    });
  });
}
