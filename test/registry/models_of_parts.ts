import { BACKBONE_CONFIGS, type Keys, modelsOf } from './sample_configs.js';

/** Every form of every registered module, as JSON tells them apart, with the first model that holds it. */
export const MODELS_OF_PARTS = new Map<string, { readonly title: string; readonly model: Keys }>();
for (const { title, model } of modelsOf(BACKBONE_CONFIGS)) {
  for (const part of Object.values(model).flat()) {
    const key = JSON.stringify(part);
    if (typeof part === 'object' && !MODELS_OF_PARTS.has(key)) MODELS_OF_PARTS.set(key, { title, model });
  }
}
