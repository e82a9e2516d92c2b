/** A page's program: three steps of training by WebAssembly, or by WebGPU where the address asks for it. */
import { createWebEngine } from '../../engines/onnxruntime_web/engine.js';
import { writeOnnx } from '../../graph/onnx/write.js';
import { RUNTIME_FILES } from '../../tools/web/page/runtime_files.js';
import { threeSteps } from '../training/network/three_steps.js';

/** Leaves the losses of the steps, or what went wrong, as `globalThis.outcome`. */
export async function trainInPage(): Promise<void> {
  const device = location.search === '?webgpu' ? 'webgpu' : 'wasm';
  const outcome = await threeSteps((network) =>
    createWebEngine(writeOnnx(network, { device }), { device, threads: 1, files: RUNTIME_FILES }),
  ).catch((error: unknown) => String(error));
  Object.assign(globalThis, { outcome });
}
