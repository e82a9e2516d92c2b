import { LowformerError } from '../core/errors.js';
import type { LoadedModel } from '../models/load_model.js';
import type { ModelArgument } from './model_arguments.js';
import { type ServedModel, type ServingOptions, servedModel } from './served_model.js';

/** The models that are served, by their names. Disposing of them frees their threads and memory. */
export interface ServedModels extends AsyncDisposable {
  /** Those of now: a model that was loaded anew is in the place of the one before. */
  readonly models: ReadonlyMap<string, ServedModel>;
  /**
   * Loads a model again from the same argument, beside the one that there is, and puts it in its place. Where that fails, the one that
   * there is stays.
   * @param requestsOver resolves when the requests that are under way now are over: then the model before is disposed of.
   * @throws what `load` throws; {RangeError} for a name that there is not, and while another is loaded: at most one model is held twice.
   */
  reload(name: string, requestsOver: () => Promise<void>): Promise<Reloaded>;
  /** Whether a model is being loaded anew. */
  readonly isReloading: boolean;
}

/** A model that was loaded anew. */
export interface Reloaded {
  readonly before: ServedModel['facts'];
  readonly after: ServedModel['facts'];
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
  let reloading: Promise<unknown> | undefined;
  let disposed = false;
  const open = async (model: ModelArgument) => servedModel(model.name, await load(model), options);
  const dispose = async () => {
    disposed = true;
    // What is loaded meanwhile is freed by whoever loads it.
    await reloading?.catch(() => {});
    await Promise.all([...models.values()].map((model) => model[Symbol.asyncDispose]()));
  };

  const replace = async (argument: ModelArgument, old: ServedModel, requestsOver: () => Promise<void>) => {
    const fresh = await open(argument);
    if (disposed) {
      await fresh[Symbol.asyncDispose]();
      throw ended();
    }
    models.set(argument.name, fresh);
    await requestsOver();
    await old[Symbol.asyncDispose]();
    return { before: old.facts, after: fresh.facts };
  };

  try {
    for (const model of wanted) models.set(model.name, await open(model));
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    models,
    get isReloading() {
      return reloading !== undefined;
    },
    async reload(name, requestsOver) {
      const argument = wanted.find((model) => model.name === name);
      const old = models.get(name);
      if (argument === undefined || old === undefined || reloading !== undefined) throw new RangeError(name);
      if (disposed) throw ended();
      const replacing = replace(argument, old, requestsOver);
      reloading = replacing;
      try {
        return await replacing;
      } finally {
        reloading = undefined;
      }
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function ended(): LowformerError {
  return new LowformerError({ code: 'disposed', where: 'serve', expected: 'a server that goes on' });
}
