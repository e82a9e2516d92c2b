import type { LoadedModel } from '../models/load_model.js';
import type { ModelArgument } from './model_arguments.js';
import { type ServedModel, type ServingOptions, servedModel } from './served_model.js';

/** The models that are served, by their names. Disposing of them frees their threads and memory. */
export interface ServedModels extends AsyncDisposable {
  readonly models: ReadonlyMap<string, ServedModel>;
}

/**
 * Loads one after another; where one fails, those before it are freed.
 * @throws what `load` throws.
 */
export async function openModels(
  wanted: readonly ModelArgument[],
  load: (model: ModelArgument) => Promise<LoadedModel>,
  options: ServingOptions,
): Promise<ServedModels> {
  const models = new Map<string, ServedModel>();
  const dispose = async () => {
    await Promise.all([...models.values()].map((model) => model[Symbol.asyncDispose]()));
  };
  try {
    for (const model of wanted) models.set(model.name, servedModel(model.name, await load(model), options));
  } catch (error) {
    await dispose();
    throw error;
  }
  return { models, [Symbol.asyncDispose]: dispose };
}
