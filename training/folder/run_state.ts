/** Everything that a run needs to go on exactly where it was, as one file: weights, optimiser, schedules, averages, counts. */

import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { parsedJson } from '../../core/parsed_json.js';
import type { Tensor } from '../../core/tensor.js';
import { openFile } from '../../weights/open_file.js';
import { writeSafetensors } from '../../weights/safetensors.js';
import { safetensorsDict } from '../../weights/safetensors_dict.js';
import type { SavedState } from '../saved_state.js';

export interface RunState {
  /** Whole epochs, and iterations, that are done. */
  readonly epoch: number;
  readonly iteration: number;
  /** What chance decides follows from it. */
  readonly seed: number;
  /** What the run was started with, for whoever compares: the config as JSON. */
  readonly config: string;
  /** By the parts of a run: `model`, `optim_wrapper`, `param_scheduler`. */
  readonly parts: Readonly<Record<string, SavedState>>;
}

const FORMAT = 'lowformer training run 1';
const PART_END = '/';

const stateSchema = z.strictObject({
  epoch: z.int().min(0),
  iteration: z.int().min(0),
  seed: z.int().min(0),
  parts: z.record(z.string(), z.unknown()),
});

/**
 * Writes a state, whole or not at all: after a process is killed, or a disk is full, the one before is there.
 * @throws {LowformerError} `unwritable-file`.
 */
export async function writeRunState(path: string, { config, parts, epoch, iteration, seed }: RunState): Promise<void> {
  const entries = Object.entries(parts);
  const tensors = Object.fromEntries(
    entries.flatMap(([part, { tensors }]) =>
      Object.entries(tensors).map(([name, value]) => [part + PART_END + name, value] as const),
    ),
  );
  const values = Object.fromEntries(entries.map(([part, state]) => [part, state.values]));
  const state = { epoch, iteration, seed, parts: values } satisfies z.input<typeof stateSchema>;
  await writeSafetensors(path, tensors, { format: FORMAT, state: JSON.stringify(state), config });
}

/** @throws {LowformerError} `unreadable-file`, or `unreadable-checkpoint` for a file that is no such state. */
export function readRunState(path: string): RunState {
  const file = openFile(path);
  try {
    const { tensors, metadata } = safetensorsDict(file);
    const { success, data } = stateSchema.safeParse(parsedJson(metadata.state ?? ''));
    if (!success || metadata.format !== FORMAT) throw notOne(path);
    const found = new Map<string, Record<string, Tensor>>(Object.keys(data.parts).map((part) => [part, {}]));
    for (const [name, { shape, read }] of tensors) {
      const end = name.indexOf(PART_END);
      const part = found.get(name.slice(0, end));
      if (part === undefined) throw notOne(path);
      part[name.slice(end + 1)] = { shape, data: read() };
    }
    const parts = [...found].map(([part, own]) => [part, { tensors: own, values: data.parts[part] }] as const);
    return {
      epoch: data.epoch,
      iteration: data.iteration,
      seed: data.seed,
      config: metadata.config ?? '',
      parts: Object.fromEntries(parts),
    };
  } finally {
    file[Symbol.dispose]();
  }
}

function notOne(path: string): LowformerError {
  const expected = 'the state of a training run';
  return new LowformerError({ code: 'unreadable-checkpoint', where: path, expected });
}
