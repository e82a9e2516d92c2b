import type { WebDevice, WebDevices } from '../../../engines/onnxruntime_web/web_device.js';
import type { Machine } from './record.js';

/** Filled in when the page is built. */
declare const VERSIONS: { readonly lowformer: string; readonly onnxruntimeWeb: string };

/** As far as a browser tells of the machine that it runs on. */
export function describeMachine(device: WebDevice, { webgpu, wasm }: WebDevices): Machine {
  return {
    user_agent: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    threads: wasm.threads,
    graphics: device === 'webgpu' && webgpu.available ? webgpu.name : null,
    lowformer: VERSIONS.lowformer,
    onnxruntime_web: VERSIONS.onnxruntimeWeb,
  };
}
