/** ONNX Runtime behind the `Engine` interface, in a thread of its own. */
import { LowformerError } from '../../core/errors.js';
import type { Engine, EngineOptions } from '../engine.js';
import type { OnnxModel } from '../onnx_model.js';
import { runRequest } from '../run_request.js';
import { checkThreads, threadLimit } from '../thread/threads.js';
import { inTurn, takingTurns } from './device_turns.js';
import { keptFolder } from './kept_folder.js';
import { load } from './loading.js';
import { watchDriver } from './slow_driver.js';
import { ask, startOnnxruntimeThread } from './thread.js';

/**
 * Loads a model with float32 inputs and outputs. The device is one of ONNX Runtime's execution providers: `cpu`,
 * `webgpu`, `cuda`, `tensorrt`, `coreml`, `dml`; one that is not there is an error, there is no fallback.
 *
 * An engine that was not disposed keeps no process alive.
 *
 * @throws {LowformerError} `unavailable-device`, `missing-package`, `invalid-argument` (threads), `unwritable-file` (no
 * room for temporary files), `engine-failure` (the model cannot be loaded); the signal's reason when aborted.
 */
export async function createOnnxruntimeEngine(model: OnnxModel, options: EngineOptions): Promise<Engine> {
  const { device, threads = threadLimit().threads, fastMath = false, precision = 'float32', kept, signal } = options;
  const watching = watchDriver(device, options.onSlowDriver);
  checkThreads(threads);
  if (fastMath) checkFastMath(device);
  signal?.throwIfAborted();

  const calls = startOnnxruntimeThread();
  try {
    const opened = calls.call(() => ({ request: { kind: 'open', device } }), signal);
    const { version } = await watching('opening it', ask('opened', opened));
    const settings = { device, threads, fastMath };
    const place = kept && keptFolder(kept, { version, settings, precision });
    const opening = () => watching('loading the network', load(calls, model, { settings, place, signal }));
    const { inputs, keeping } = await inTurn(device, opening, signal);
    return takingTurns({
      device,
      async run(tensors, { signal: abort, given = false, onRun } = {}) {
        const running = calls.call((atOnce) => runRequest(tensors, inputs, given && atOnce), abort);
        const { outputs, milliseconds } = await watching('a run of the network', ask('outputs', running));
        onRun?.(milliseconds);
        return outputs;
      },
      async [Symbol.asyncDispose]() {
        await Promise.all([calls.close({ kind: 'release' }), keeping]);
      },
    });
  } catch (error) {
    // Not awaited: the thread ends when its native code returns, and an aborted caller need not wait for that.
    void calls.close({ kind: 'release' });
    throw error;
  }
}

/** Nothing is slower or less exact than it was asked to be without a word. */
function checkFastMath(device: string): void {
  if (process.arch === 'arm64' && device === 'cpu') return;
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'fastMath',
    expected: 'an ARM64 processor and the device cpu',
    received: `${process.arch}, ${device}`,
  });
}
