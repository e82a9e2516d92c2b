/** Devices on which the networks of a process take turns, and which they lose together. */
import { untilAborted } from '../../core/abort.js';
import { LowformerError } from '../../core/errors.js';
import type { Engine } from '../engine.js';
import { CallNotBegun } from '../thread/worker_calls.js';

/**
 * ONNX Runtime 1.30 has one WebGPU context for all sessions of a process, and does not lock it: of two threads that use it at once
 * one fails with "CommandEncoder is already finished", or reads the other's commands. A device that the driver has lost stays lost in
 * it, for new sessions too, until the last session is released.
 */
const SHARED_CONTEXT: readonly string[] = ['webgpu'];

const last = new Map<string, Promise<unknown>>();

/** Lets go of an engine's session, with why. */
type LetGo = (reason: LowformerError) => Promise<void>;

/** Of each shared device, what holds a session there. */
const holders = new Map<string, Set<LetGo>>();

/**
 * Does `work` when all before it on the same device is done; at once on devices that several threads can use. Where it ends with
 * `lost-device`, every engine of `takingTurns` on that device lets its session go before the next turn begins.
 * @throws what `work` throws; the signal's reason when aborted: at once, though the next waits for work that has begun.
 */
export function inTurn<Result>(device: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
  if (!SHARED_CONTEXT.includes(device)) return work();
  const turn = (last.get(device) ?? Promise.resolve()).then(async () => {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (error instanceof LowformerError && error.code === 'lost-device') await letAllGo(device, error);
      throw error;
    }
  });
  last.set(
    device,
    turn.catch(() => {}),
  );
  return untilAborted(turn, signal);
}

async function letAllGo(device: string, reason: LowformerError): Promise<void> {
  const all = [...(holders.get(device) ?? [])];
  holders.delete(device);
  await Promise.all(all.map((letGo) => letGo(reason)));
}

/**
 * The engine, whose runs and whose end wait for their turn. When the device was lost, under its own run or another engine's, it is
 * disposed of, and its calls are rejected with `CallNotBegun`: another engine may be made of the same model.
 */
export function takingTurns(engine: Engine): Engine {
  const { device } = engine;
  if (!SHARED_CONTEXT.includes(device)) return engine;
  let lost: LowformerError | undefined;
  const letGo: LetGo = async (reason) => {
    lost = reason;
    await engine[Symbol.asyncDispose]();
  };
  const held = holders.get(device) ?? new Set();
  holders.set(device, held.add(letGo));
  return {
    device,
    // A run that is given up goes on on the device, and the next waits for it: the thread is not told.
    run: (inputs, { signal, ...options } = {}) =>
      inTurn(
        device,
        () => (lost === undefined ? engine.run(inputs, options) : Promise.reject(new CallNotBegun(lost))),
        signal,
      ),
    [Symbol.asyncDispose]: () =>
      inTurn(device, async () => {
        holders.get(device)?.delete(letGo);
        await engine[Symbol.asyncDispose]();
      }),
  };
}
