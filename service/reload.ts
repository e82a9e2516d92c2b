/** What comes of loading a model anew, as plain data: it may have been another process that did it. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Reloaded, ServedModels } from './open_models.js';
import { verbOf } from './verbs.js';

export const reloadOutcomeSchema = z.discriminatedUnion('kind', [
  /** `model`: the facts of now, and in `before` those that were otherwise. */
  z.object({ kind: z.literal('reloaded'), model: z.record(z.string(), z.unknown()) }),
  /** Another is being loaded. */
  z.object({ kind: z.literal('busy') }),
  /** The model before goes on. */
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);

export type ReloadOutcome = z.output<typeof reloadOutcomeSchema>;

/**
 * Loads a model of this process anew.
 * @param requestsOver resolves when the requests that are under way now are over.
 * @throws faults; what is wrong with the model's files is an outcome.
 */
export async function reloadModel(
  served: ServedModels,
  name: string,
  requestsOver: () => Promise<void>,
): Promise<ReloadOutcome> {
  if (served.isReloading) return { kind: 'busy' };
  try {
    return { kind: 'reloaded', model: facts(name, await served.reload(name, requestsOver)) };
  } catch (error) {
    if (error instanceof LowformerError) return { kind: 'failed', reason: error.message };
    throw error;
  }
}

function facts(name: string, { before, after }: Reloaded) {
  const [was, is] = [before, after].map(({ task, classes, parameters, device, engine }) => {
    return { task, verb: verbOf(task), classes, parameters, device, engine: engine.name };
  });
  const changed = Object.entries(is ?? {}).flatMap(([key, value]) => {
    const old = Object.entries(was ?? {}).find(([other]) => other === key)?.[1];
    return JSON.stringify(old) === JSON.stringify(value) ? [] : [[key, old] as const];
  });
  return { name, ...is, before: Object.fromEntries(changed) };
}
