import { defineEngine } from '../define_engine.js';

export const OPENVINO_DEVICES = ['cpu'] as const;

/** OpenVINO's library, called through its C interface. */
export const openvino = defineEngine({
  name: 'openvino',
  title: 'OpenVINO',
  devices: OPENVINO_DEVICES,
  options: { precisions: ['float32', 'bfloat16'], fastMath: false },
  auto: {
    as: 'contestant',
    installed: async () => (await import('./installed.js')).openvinoInstalled(),
  },
  runs: 'onnx',
  load: async () => (await import('./engine.js')).createOpenvinoEngine,
  inspect: async () => (await import('./describe.js')).inspectOpenvino(),
});
