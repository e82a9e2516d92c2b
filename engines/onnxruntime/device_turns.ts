/** Devices on which the networks of a process take turns. */
import { untilAborted } from '../../core/abort.js';
import type { Engine } from '../engine.js';

/**
 * ONNX Runtime 1.30 has one WebGPU context for all sessions of a process, and does not lock it: of two threads that use it at once
 * one fails with "CommandEncoder is already finished", or reads the other's commands.
 */
const SHARED_CONTEXT: readonly string[] = ['webgpu'];

const last = new Map<string, Promise<unknown>>();

/**
 * Does `work` when all before it on the same device is done; at once on devices that several threads can use.
 * @throws what `work` throws; the signal's reason when aborted: at once, though the next waits for work that has begun.
 */
export function inTurn<Result>(device: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
  if (!SHARED_CONTEXT.includes(device)) return work();
  const turn = (last.get(device) ?? Promise.resolve()).then(() => {
    signal?.throwIfAborted();
    return work();
  });
  last.set(
    device,
    turn.catch(() => {}),
  );
  return untilAborted(turn, signal);
}

/** The engine, whose runs and whose end wait for their turn. */
export function takingTurns(engine: Engine): Engine {
  const { device } = engine;
  if (!SHARED_CONTEXT.includes(device)) return engine;
  return {
    device,
    // A run that is given up goes on on the device, and the next waits for it: the thread is not told.
    run: (inputs, { signal, ...options } = {}) => inTurn(device, () => engine.run(inputs, options), signal),
    [Symbol.asyncDispose]: () => inTurn(device, async () => engine[Symbol.asyncDispose]()),
  };
}
