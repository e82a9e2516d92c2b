import { ONNX_PRECISIONS } from '../../graph/onnx/precision.js';
import { defineEngine } from '../define_engine.js';
import { DEVICE_NAMES } from './device_guide.js';

/** ONNX Runtime for Node. */
export const onnxruntime = defineEngine({
  name: 'onnxruntime',
  title: 'ONNX Runtime',
  devices: DEVICE_NAMES,
  options: { precisions: ONNX_PRECISIONS, fastMath: true },
  auto: {
    as: 'contestant',
    installed: async () => (await import('./package.js')).onnxruntimeInstalled(),
  },
  package: 'onnxruntime-node',
  runs: 'onnx',
  load: async () => (await import('./engine.js')).createOnnxruntimeEngine,
  async inspect() {
    const { onnxruntime: version, devices } = await (await import('./devices.js')).inspectDevices();
    return { version, devices };
  },
});
