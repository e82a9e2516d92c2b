/** ONNX Runtime's errors in the toolkit's words. */
import { reasonOf } from '../reason.js';
import { WorkerFailure } from '../thread/channel.js';

/**
 * How the runtime and its libraries say that memory has run out: its own allocators, CUDA and cuBLAS, DirectML, Vulkan
 * and the limits of a WebGPU device, V8 where outputs no longer fit.
 */
const OUT_OF_MEMORY = [
  /failed to allocate memory/i,
  /bad_alloc/,
  /available memory of \d+ is smaller than requested bytes/i,
  /out of (?:device |host )?memory/i,
  /OUT_?OF_?(?:DEVICE_?|HOST_?)?MEMORY/i,
  /cudaErrorMemoryAllocation|ALLOC_FAILED/,
  /8007000E|not enough memory/i,
  // On WebGPU a map of 4 GB or more lies in more pieces than a shader may bind, or has more elements than it may count.
  /too many storage buffers in shader|narrowing_error/i,
  /exceeds the max(?:imum)? buffer size|larger than the maximum .*buffer.* size/i,
  /array buffer allocation failed|invalid (?:typed )?array length/i,
] as const;

/**
 * An error of the runtime as one of ours: `out-of-memory` where that was the reason, else `engine-failure`.
 * @param expected what was asked of the runtime.
 */
export function failure(expected: string, error: unknown, device: string): WorkerFailure {
  const text = error instanceof Error ? error.message : String(error);
  const reason = `ONNX Runtime: ${reasonOf(error)}`;
  if (!OUT_OF_MEMORY.some((pattern) => pattern.test(text))) {
    return new WorkerFailure({ code: 'engine-failure', where: 'onnxruntime', expected, hint: reason });
  }
  const ways = ['a smaller batch', 'smaller pictures', ...(device === 'cpu' ? [] : ['float16', 'the device cpu'])];
  const hint = `Try ${ways.slice(0, -1).join(', ')} or ${ways.at(-1)} (${reason})`;
  return new WorkerFailure({ code: 'out-of-memory', where: device, expected: `memory for ${expected}`, hint });
}
