import { expect, test, vi } from 'vitest';
import type { LowformerConfig } from '../../../tasks/config.js';
import { measureStep } from '../../../training/from_pictures/measured_step.js';
import { smallDetector, smallSegmentor } from '../../../training/from_pictures/small_networks.js';

vi.mock('node:worker_threads', async (original) => {
  const { withBuiltThreads } = await import('../../built_threads.js');
  return withBuiltThreads(await original<typeof import('node:worker_threads')>());
});

const anchors = { octave_base_scale: 2, scales_per_octave: 1, ratios: [1] };
const rest = { metainfo: { classes: ['a', 'b'] }, test_pipeline: [] };
const CONFIGS: Readonly<Record<string, LowformerConfig>> = {
  detector: { model: smallDetector(2, anchors), ...rest },
  segmentor: { model: smallSegmentor(2), ...rest },
};

test.each(Object.entries(CONFIGS))('seconds of a step of a %s', async (_, config) => {
  const engine = { engine: 'onnxruntime', device: 'cpu', threads: 1 } as const;
  const seconds = await measureStep(config, { pictures: 2, width: 32, height: 64 }, engine);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(60);
});
