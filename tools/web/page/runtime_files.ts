/** ONNX Runtime's own files, which the build copies beside the pages. */
import webgpuProgram from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import webgpuBinary from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import wasmProgram from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { RuntimeFiles } from '../../../engines/onnxruntime_web/engine.js';

const address = (path: string) => new URL(path, import.meta.url).href;

export const RUNTIME_FILES: RuntimeFiles = {
  wasm: { mjs: address(wasmProgram), wasm: address(wasmBinary) },
  webgpu: { mjs: address(webgpuProgram), wasm: address(webgpuBinary) },
};
