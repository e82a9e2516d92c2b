import { defineEngine } from '../define_engine.js';

export const TFJS_DEVICES = ['cpu', 'webgpu'] as const;

/** TensorFlow.js, which interprets the graph: a second opinion. */
export const tfjs = defineEngine({
  name: 'tfjs',
  title: 'TensorFlow.js',
  devices: TFJS_DEVICES,
  options: { precisions: ['float32'], fastMath: false },
  auto: {
    // Slower than ONNX Runtime wherever both were measured (docs/engines.md).
    as: 'last resort',
    installed: async () => (await import('./packages.js')).tfjsInstalled(),
  },
  runs: 'networks',
  load: async () => (await import('./engine.js')).createTfjsEngine,
  inspect: async () => (await import('./describe.js')).inspectTfjs(),
});
