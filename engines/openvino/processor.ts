import { processorFlags } from '../../files/processor.js';

/** x64's AVX-512 and AMX, and ARM's, as Linux calls them. */
const INSTRUCTIONS = /^(?:flags|Features)\s*:.*\b(?:avx512_bf16|amx_bf16|bf16)\b/m;

/**
 * Whether a processor multiplies bfloat16 by instructions of its own. OpenVINO takes the precision on others as well, where
 * it is slower than float32.
 * @param capabilities what OpenVINO says that the processor can: `FP32 INT8 BIN EXPORT_IMPORT`.
 * @param processor what Linux says of it; empty elsewhere, where OpenVINO's word is all there is.
 */
export function hasBfloat16(capabilities: string, processor = processorFlags()): boolean {
  return /\bBF16\b/.test(capabilities) && (processor === '' || INSTRUCTIONS.test(processor));
}
