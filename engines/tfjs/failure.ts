/** TensorFlow.js's errors in the toolkit's words. */
import { type ErrorParts, LowformerError } from '../../core/errors.js';
import { reasonOf } from '../reason.js';

/** How the backends say that memory has run out: WebAssembly (XNNPACK's status 6), libtensorflow, WebGPU, V8. */
const OUT_OF_MEMORY = [
  /out of (?:device |host )?memory/i,
  /XNN status .* Got status 6\b/,
  /\bOOM\b|resource ?exhausted|bad_alloc/i,
  /exceeds the max(?:imum)? buffer size|larger than the maximum .*buffer.* size/i,
  /array buffer allocation failed|invalid (?:typed )?array length/i,
] as const;

/**
 * An error as one of ours, in a form that can be sent: `out-of-memory` where that was the reason, else `engine-failure`.
 * @param expected what was asked of TensorFlow.js.
 */
export function failure(expected: string, error: unknown, { backend, device }: Place): ErrorParts {
  if (error instanceof LowformerError) {
    const { cause: _, ...parts } = error.parts;
    return parts;
  }
  const reason = `TensorFlow.js on ${backend}: ${reasonOf(error)}`;
  const text = error instanceof Error ? error.message : String(error);
  if (!OUT_OF_MEMORY.some((pattern) => pattern.test(text))) {
    return { code: 'engine-failure', where: 'tfjs', expected, hint: reason };
  }
  const hint = `Try a smaller batch, smaller pictures or the engine onnxruntime (${reason})`;
  return { code: 'out-of-memory', where: device, expected: `memory for ${expected}`, hint };
}

interface Place {
  readonly backend: string;
  readonly device: string;
}
