/** Of every family, each published size against each other. */
import { expect, test } from 'vitest';
import { BACKBONES } from '../../backbones/index.js';
import type { CheckpointFacts, PartSize } from '../../core/checkpoint_facts.js';
import { backboneSizes } from '../../tasks/backbone_sizes.js';
import { fittingSize } from '../../weights/fitting_size.js';
import type { ParameterShape } from '../../weights/state_dict.js';
import { BACKBONE_CONFIGS } from '../registry/sample_configs.js';
import { dictionary } from './fixtures.js';

const inBackbone = ({ parameters }: PartSize): readonly ParameterShape[] =>
  parameters.map(({ name, shape }) => ({ name: `backbone.${name}`, shape }));

const named = Object.entries(BACKBONE_CONFIGS).flatMap(([type, [config]]) => {
  const definition = BACKBONES.get(type, 'test');
  return definition.checkpoint?.sizes === undefined ? [] : [{ type, definition, config }];
});

test.each(named)('$type: every size is told from every other', ({ definition, config }) => {
  const sizes = backboneSizes(definition, definition.schema.parse(config));
  expect(sizes.map(({ value }) => value)).toEqual(Object.values(definition.checkpoint?.sizes ?? {}).flat());
  const { names = [] } = definition.checkpoint ?? {};
  const facts: CheckpointFacts = {
    ...{ prefix: 'backbone.', names, classLayers: [], initial: () => undefined },
    sizes: () => sizes,
  };
  for (const own of sizes) {
    for (const of of sizes) {
      const { key, value } = of;
      expect(fittingSize(inBackbone(own), dictionary(inBackbone(of)), [facts]), `${own.value} from ${value}`).toBe(
        own === of ? undefined : `the file's backbone has ${key} ${value}: set model.backbone.${key} to ${value}`,
      );
    }
  }
});
