/** Every operation, every registered module and the trained example in OpenVINO, against ONNX Runtime. */
import { describe, expect, test } from 'vitest';
import { tensor } from '../../../core/tensor.js';
import { buildModel } from '../../../tasks/build_model.js';
import { formulaInput } from '../../formula_weights.js';
import { OPERATION_NAMES, sampleGraph } from '../../graph/operation_samples.js';
import { demoCells, differences } from '../../models/demo_cells.js';
import { MODELS_OF_PARTS } from '../../registry/models_of_parts.js';
import { formulaNetwork, relativeError, runNetwork } from '../../run_network.js';
import { expectAgreement } from '../tfjs/network_agreement.js';
import { needsOpenvino } from './openvino_here.js';
import { runOpenvino } from './run_openvino.js';

/** Of whole networks, whose weights no training has tamed (measured: 1.6e-5, ATSS on CPUBone; all others below 1e-5). */
const CLOSE = 2e-5;

describe('openvino', needsOpenvino, () => {
  test.each(OPERATION_NAMES)('%s', async (name) => {
    const network = formulaNetwork(sampleGraph(name));
    const shape = [2, network.graph.inputs[0]?.value.channels ?? 0, 6, 8];
    const inputs = { x: tensor(shape, formulaInput('x.6x8', shape)) };
    const [actual, reference] = [await runOpenvino(network, inputs), await runNetwork(network, inputs)];
    for (const [output, expected] of Object.entries(reference)) {
      expect(relativeError(actual[output], expected), output).toBeLessThan(1e-5);
    }
  });

  test.each([...MODELS_OF_PARTS])('%s', (_, { model }) => {
    const { wholeGraph, sizeDivisor } = buildModel(model);
    const size = sizeDivisor === 1 ? ([75, 101] as const) : ([2 * sizeDivisor, sizeDivisor] as const);
    return expectAgreement(wholeGraph, ...size, { run: runOpenvino, close: CLOSE });
  });

  test('the trained detector finds the same cells, within 1e-4 pixels and 1e-5 of their scores', async () => {
    const [expected, actual] = [await demoCells({}), await demoCells({ engine: 'openvino' })];
    expect(expected.length).toBeGreaterThan(15);
    expect(actual).toHaveLength(expected.length);
    const found = differences(expected, actual);
    expect(found.pixels).toBeLessThan(1e-4);
    expect(found.score).toBeLessThan(1e-5);
  });
});
