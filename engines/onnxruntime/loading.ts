/** From a model to a session that is ready: from what an earlier start has kept, else from the model itself. */
import { LowformerError } from '../../core/errors.js';
import type { Port } from '../network_inputs.js';
import type { ModelSource } from '../onnx/model_source.js';
import { stageModel } from '../onnx/staged_model.js';
import type { OnnxModel } from '../onnx_model.js';
import { beginKeeping, findKept, KEPT_WEIGHTS, type Keeping, type KeptFolder, removeKept } from './kept_folder.js';
import type { Optimisation, SessionSettings } from './protocol.js';
import { ask, type OnnxruntimeCalls } from './thread.js';

export interface LoadingOptions {
  readonly settings: SessionSettings;
  /** Where what the runtime makes of the model is kept; undefined where nothing is. */
  readonly place: KeptFolder | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface LoadedSession {
  readonly inputs: readonly Port[];
  /** Fulfilled when what is kept has its place: while the session runs already. Never rejected. */
  readonly keeping: Promise<void>;
}

/** Beside what is kept, nothing of the model stays behind, in memory or on disk, but what the session itself holds. */
export async function load(
  calls: OnnxruntimeCalls,
  model: OnnxModel,
  { settings, place, signal }: LoadingOptions,
): Promise<LoadedSession> {
  const create = async (source: ModelSource, optimisation: Optimisation) => {
    const transfer = typeof source === 'string' ? [] : [source.buffer];
    const request = { kind: 'load', source, settings, optimisation } as const;
    return (
      await ask(
        'loaded',
        calls.call(() => ({ request, transfer }), signal),
      )
    ).inputs;
  };
  const found = place && (await findKept(place));
  if (place !== undefined && found !== undefined) {
    try {
      return { inputs: await create(found, { kind: 'done' }), keeping: Promise.resolve() };
    } catch (error) {
      // Another process may have removed it in the meantime.
      if (!isRefusal(error)) throw error;
      await removeKept(place);
    }
  }
  await using staged = await stageModel(model, signal);
  const keeping = await begun(model, staged.source, place);
  if (keeping === undefined) {
    return { inputs: await create(staged.source, { kind: 'runs' }), keeping: Promise.resolve() };
  }
  try {
    const inputs = await create(staged.source, { kind: 'kept', model: keeping.model, weights: KEPT_WEIGHTS });
    return { inputs, keeping: keeping.finish() };
  } catch (error) {
    await keeping.discard(isRefusal(error) ? error.message : undefined);
    // The disk may be full; whatever else it is, the next line says it.
    if (!isRefusal(error)) throw error;
    return { inputs: await create(staged.source, { kind: 'runs' }), keeping: Promise.resolve() };
  }
}

async function begun(
  { byteLength }: OnnxModel,
  source: ModelSource,
  place: KeptFolder | undefined,
): Promise<Keeping | undefined> {
  if (place === undefined || typeof source !== 'string') return undefined;
  const { leastBytes, mostBytes } = place.network;
  return byteLength < leastBytes || byteLength > mostBytes ? undefined : beginKeeping(place);
}

function isRefusal(error: unknown): error is LowformerError {
  return error instanceof LowformerError && error.code === 'engine-failure';
}
