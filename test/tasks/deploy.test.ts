import { describe, expect, test } from 'vitest';
import { optimise, switchedPasses } from '../../graph/passes/index.js';
import { testPipelineSchema } from '../../steps/pipeline.js';
import { buildModel } from '../../tasks/build_model.js';
import { deploy, type Use } from '../../tasks/deploy.js';
import { formulaNetwork } from '../run_network.js';
import { detector } from '../tools/tiny_models.js';

const model = buildModel(detector.model);
const { parameters } = formulaNetwork(model.wholeGraph);
const deployed = (use: Use) => deploy(model, parameters, use).graph;
const operations = (use: Use) => deployed(use).nodes.map(({ operation }) => operation);
const outputs = (use: Use) => deployed(use).outputs.map(({ name }) => name);
const any = { kind: 'any' } as const;

describe('a network is deployed', () => {
  test('for what the head says, the backbone alone, or every map', () => {
    const head = outputs({ inputs: any });
    expect(head).toEqual(model.graph.outputs.map(({ name }) => name));
    expect(outputs({ outputs: 'backbone', inputs: any })).toEqual(['c2', 'c3', 'c4', 'c5']);
    const all = outputs({ outputs: 'all', inputs: any });
    expect(all).toEqual(expect.arrayContaining([...head, 'c2', 'p3']));
    expect(deployed({ outputs: 'backbone', inputs: any }).parameters.size).toBeLessThan(
      deployed({ inputs: any }).parameters.size,
    );
  });

  test('for every size, with the passes alone', () => {
    expect(operations({ inputs: any })).toEqual(
      optimise({ graph: model.graph, parameters }).graph.nodes.map(({ operation }) => operation),
    );
    expect(operations({ inputs: any })).toContain('resizeNearestLike');
  });

  test.each<[string, Use['inputs']]>([
    [
      'sizes',
      {
        kind: 'fixed',
        sizes: [
          { width: 64, height: 96 },
          { width: 128, height: 32 },
        ],
      },
    ],
    [
      'a pipeline that pads',
      { kind: 'prepared', pipeline: testPipelineSchema().parse([{ type: 'Pad', size_divisor: 32 }]) },
    ],
  ])('for %s that 32 divides, without what does nothing there', (_, inputs) => {
    expect(operations({ inputs })).not.toContain('resizeNearestLike');
    expect(operations({ inputs })).not.toContain('cropLike');
    expect(operations({ inputs })).toContain('resizeNearest');
  });

  test('with passes that an engine gains by, where they are asked for', () => {
    const inputs = { kind: 'fixed', sizes: [{ width: 64, height: 96 }] } as const;
    expect(operations({ inputs })).not.toContain('depthToSpace');
    expect(operations({ inputs, passes: switchedPasses({ subPixel: true }) })).toContain('depthToSpace');
    expect(operations({ inputs, passes: switchedPasses({ subPixel: false }) })).toEqual(operations({ inputs }));
  });

  test('for sizes that nothing divides, as for every size', () => {
    const inputs = { kind: 'fixed', sizes: [{ width: 64, height: 75 }] } as const;
    expect(operations({ inputs })).toEqual(operations({ inputs: any }));
  });
});
