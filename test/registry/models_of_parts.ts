import { countParameters } from '../../graph/count.js';
import { buildModel } from '../../tasks/build_model.js';
import { BACKBONE_CONFIGS, type Keys, modelsOf } from './sample_configs.js';

/** A backbone's configs by their parameters, so that what is tried under it costs little. */
export function smallestFirst(type: string): readonly Keys[] {
  const parameters = (config: Keys) => {
    const model = { type: 'ImageClassifier', backbone: { type, ...config }, head: { type: 'LinearClsHead' } };
    return countParameters(buildModel(model).wholeGraph);
  };
  const counted = (BACKBONE_CONFIGS[type] ?? []).map((config) => ({ config, count: parameters(config) }));
  return counted.toSorted((a, b) => a.count - b.count).map(({ config }) => config);
}

const backbones = Object.fromEntries(Object.keys(BACKBONE_CONFIGS).map((type) => [type, smallestFirst(type)]));

/** Every form of every registered module, as JSON tells them apart, with the first model that holds it. */
export const MODELS_OF_PARTS = new Map<string, { readonly title: string; readonly model: Keys }>();
for (const { title, model } of modelsOf(backbones)) {
  for (const part of Object.values(model).flat()) {
    const key = JSON.stringify(part);
    if (typeof part === 'object' && !MODELS_OF_PARTS.has(key)) MODELS_OF_PARTS.set(key, { title, model });
  }
}
