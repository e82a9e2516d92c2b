/** A moving average of a network's weights beside the network that is trained: mmengine's EMAHook. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { type CheckedPart, createPart } from '../../registry/part_schema.js';
import { restoreTensor, type SavedState, savedValues } from '../saved_state.js';
import { AVERAGES } from './averages.js';

/** A parameter or a running statistic, which is averaged or copied. */
export interface AveragedTensor extends Tensor {
  readonly name: string;
  readonly kind: 'parameter' | 'buffer';
}

export interface MovingAverage {
  /** By name, in the order given: what is validated, and saved as the model. Changed by each update. */
  readonly averaged: ReadonlyMap<string, Tensor>;
  /**
   * After each iteration. The first update copies; in float32, with no memory taken.
   * @param started whether averaging has begun: until then the average is a copy.
   */
  update(started: boolean): void;
  state(): SavedState;
  /** @throws {LowformerError} `unreadable-checkpoint` for a state of other parameters. */
  restore(state: SavedState): void;
}

const stateSchema = z.strictObject({ updates: z.int().min(0) });

const PREFIX = 'average.';

/**
 * @param tensors what is averaged, read at each update. Counters of batches are no part of it.
 * @throws {LowformerError} `invalid-argument` for a name that comes twice.
 */
export function createMovingAverage(config: CheckedPart, tensors: readonly AveragedTensor[]): MovingAverage {
  const rule = createPart(AVERAGES, config);
  const averaged = new Map<string, Tensor>();
  const pairs = tensors.map(({ name, kind, shape, data }) => {
    if (averaged.has(name)) {
      throw new LowformerError({ code: 'invalid-argument', where: name, expected: 'each tensor once' });
    }
    const copy = { shape, data: Float32Array.from(data) };
    averaged.set(name, copy);
    return { kind, source: data, into: copy.data };
  });
  let updates = 0;
  return {
    averaged,
    update(started) {
      const counts = updates % rule.interval === 0;
      const share = started && updates > 0 && counts ? rule.momentum(updates) : undefined;
      for (const { kind, source, into } of pairs) {
        const isAveraged = kind === 'parameter' || rule.updatesBuffers;
        if (!started || updates === 0 || !isAveraged) into.set(source);
        else if (share !== undefined) approach(into, source, share);
      }
      if (started) updates++;
    },
    state: () => ({
      tensors: Object.fromEntries([...averaged].map(([name, value]) => [PREFIX + name, value])),
      values: { updates } satisfies z.input<typeof stateSchema>,
    }),
    restore(state) {
      const given = savedValues(stateSchema, state.values, 'moving average');
      for (const [name, value] of averaged) restoreTensor(value, PREFIX + name, state.tensors);
      updates = given.updates;
    },
  };
}

/** torch's lerp: from the nearer end. */
function approach(averaged: Float32Array, weights: Float32Array, share: number): void {
  const rounded = Math.fround(share);
  const fromWeights = Math.abs(rounded) >= 0.5;
  const factor = fromWeights ? Math.fround(rounded - 1) : rounded;
  for (let i = 0; i < averaged.length; i++) {
    const before = averaged[i] ?? 0;
    const weight = weights[i] ?? 0;
    averaged[i] = (fromWeights ? weight : before) + factor * Math.fround(weight - before);
  }
}
