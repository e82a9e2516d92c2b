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
  // A buffer that Dawn could not make: what the driver said of it is not told.
  /\[Invalid Buffer\b.*\] is invalid due to a previous error/,
  /array buffer allocation failed|invalid (?:typed )?array length/i,
] as const;

/** How Dawn, which is ONNX Runtime's WebGPU, says that the driver has lost the device: whatever is asked of it from then on. */
const LOST =
  /\bDevice\]? is lost|device lost|VK_ERROR_DEVICE_LOST|Device was destroyed|external Instance reference no longer/i;

/**
 * An error of the runtime as one of ours: `out-of-memory` where that was the reason, `lost-device` where the driver has reset or
 * lost the graphics device of WebGPU (also where Dawn gives it up for want of memory, without a word of that), else `engine-failure`.
 * @param expected what was asked of the runtime.
 */
export function failure(expected: string, error: unknown, device: string): WorkerFailure {
  const text = error instanceof Error ? error.message : String(error);
  const reason = `ONNX Runtime: ${reasonOf(error)}`;
  if (device === 'webgpu' && LOST.test(text)) {
    const hint = `The driver has lost it: it was reset, has crashed or has run out of memory. The next call opens the model anew (${reason})`;
    const asked = `a graphics device that stays there for ${expected}`;
    return new WorkerFailure({ code: 'lost-device', where: device, expected: asked, hint });
  }
  if (!OUT_OF_MEMORY.some((pattern) => pattern.test(text))) {
    return new WorkerFailure({ code: 'engine-failure', where: 'onnxruntime', expected, hint: reason });
  }
  const ways = ['a smaller batch', 'smaller pictures', ...(device === 'cpu' ? [] : ['float16', 'the device cpu'])];
  const hint = `Try ${ways.slice(0, -1).join(', ')} or ${ways.at(-1)} (${reason})`;
  return new WorkerFailure({ code: 'out-of-memory', where: device, expected: `memory for ${expected}`, hint });
}
