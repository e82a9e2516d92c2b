import type { InferenceSession } from 'onnxruntime-node';
import { EXTERNAL_LEAST_BYTES } from '../onnx/model_source.js';
import type { Optimisation, SessionSettings } from './protocol.js';

/** How every session is set up, so that its speed depends on no default. */
export function sessionOptions(
  { device, threads, fastMath }: SessionSettings,
  optimisation: Optimisation = { kind: 'runs' },
): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    // The level `all` lays weights out in blocks of channels: a third faster than `extended` on 3x3 convolutions.
    // What was written after that is loaded as it is: the same operations on the same numbers.
    graphOptimizationLevel: optimisation.kind === 'done' ? 'disabled' : 'all',
    ...(optimisation.kind === 'kept' ? { optimizedModelFilePath: optimisation.model } : {}),
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // With it the second run of a size takes one new block for all of its maps, and what the first run took stays with the session:
    // a segmentor at 1024x2048 held 1.9 GB after two pictures, and 1.2 GB without. DirectML cannot use it at all.
    enableMemPattern: false,
    // What is logged is thrown as well.
    logSeverityLevel: 4,
    extra: {
      session: {
        // Threads that wait for work stop spinning when a call ends: as fast as spinning on, at half the processor
        // time, which decoding pictures needs.
        force_spinning_stop: '1',
        // Without it, int8 sums saturate silently on x64 processors without VNNI. No effect on float32.
        ...(process.arch === 'x64' ? { x64quantprecision: '1' } : {}),
        ...(optimisation.kind === 'kept'
          ? {
              optimized_model_external_initializers_file_name: optimisation.weights,
              optimized_model_external_initializers_min_size_in_bytes: `${EXTERNAL_LEAST_BYTES}`,
            }
          : {}),
      },
      // Processors without bfloat16 instructions ignore it.
      ...(fastMath ? { mlas: { enable_gemm_fastmath_arm64_bfloat16: '1' } } : {}),
    },
  };
}
