/** OpenVINO behind the `Engine` interface, in a thread of its own. */
import { LowformerError, nearestName } from '../../core/errors.js';
import type { Engine, EngineOptions } from '../engine.js';
import type { Port } from '../network_inputs.js';
import { stageModel } from '../onnx/staged_model.js';
import type { OnnxModel } from '../onnx_model.js';
import { runRequest } from '../run_request.js';
import { checkThreads, threadLimit } from '../thread/threads.js';
import { OPENVINO_DEVICES } from './definition.js';
import { checkVersion, findLibrary } from './library.js';
import type { OpenvinoSettings } from './protocol.js';
import { ask, startOpenvinoThread } from './thread.js';

/**
 * Loads a model with float32 inputs and outputs into OpenVINO, on the processor (`cpu`). In bfloat16 it rounds what it
 * multiplies to eight bits and sums in float32.
 *
 * @throws {LowformerError} `unavailable-device`; `missing-package` (the library, another version of it, the package koffi);
 * `invalid-argument` (threads; bfloat16 on a processor without instructions for it); `unwritable-file` (no room for temporary
 * files); `engine-failure` (the model cannot be loaded); the signal's reason when aborted.
 */
export async function createOpenvinoEngine(model: OnnxModel, options: EngineOptions): Promise<Engine> {
  const { device, threads = threadLimit().threads, signal } = options;
  const precision = options.precision === 'bfloat16' ? 'bfloat16' : 'float32';
  checkThreads(threads);
  checkDevice(device);
  signal?.throwIfAborted();
  const library = await findLibrary();

  const calls = startOpenvinoThread();
  try {
    const { version, bfloat16 } = await ask(
      'opened',
      calls.call(() => ({ request: { kind: 'open', library } }), signal),
    );
    checkVersion(version, library);
    if (precision === 'bfloat16' && !bfloat16) throw noBfloat16();
    const inputs = await load({ threads, precision });
    return {
      device,
      async run(tensors, { signal: abort, given = false, onRun } = {}) {
        const running = calls.call((atOnce) => runRequest(tensors, inputs, given && atOnce), abort);
        const { outputs, milliseconds } = await ask('outputs', running);
        onRun?.(milliseconds);
        return outputs;
      },
      [Symbol.asyncDispose]: () => calls.close({ kind: 'release' }),
    };
  } catch (error) {
    // Not awaited: the thread ends when its native code returns, and an aborted caller need not wait for that.
    void calls.close({ kind: 'release' });
    throw error;
  }

  async function load(settings: OpenvinoSettings): Promise<readonly Port[]> {
    await using staged = await stageModel(model, signal);
    const { source } = staged;
    const request = { kind: 'load', source, settings } as const;
    const transfer = typeof source === 'string' ? [] : [source.buffer];
    const { inputs } = await ask(
      'loaded',
      calls.call(() => ({ request, transfer }), signal),
    );
    return inputs;
  }
}

function checkDevice(device: string): void {
  if (OPENVINO_DEVICES.some((known) => known === device)) return;
  const near = nearestName(device, OPENVINO_DEVICES);
  throw new LowformerError({
    code: 'unavailable-device',
    where: 'device',
    expected: `a device of the engine openvino: ${OPENVINO_DEVICES.join(', ')}`,
    received: device,
    hint: near === undefined ? 'The engine onnxruntime has others' : `Did you mean ${near}?`,
  });
}

function noBfloat16(): LowformerError {
  return new LowformerError({
    code: 'invalid-argument',
    where: 'precision',
    expected: 'a processor with bfloat16 instructions (avx512_bf16, amx_bf16, or bf16 of ARM)',
    received: 'bfloat16',
    hint: 'This one would only imitate them, more slowly than float32. Use float32',
  });
}
