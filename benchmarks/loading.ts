/** Memory and time of loading a model: config, checkpoint, passes, ONNX Runtime's session. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { SHIPPED_CONFIGS } from '../configs/index.js';
import type { Tensors } from '../core/tensor.js';
import { median } from '../measuring/timing/measure.js';
import { initialWeights } from '../models/fitted_weights.js';
import { buildModel } from '../tasks/build_model.js';
import { writeSafetensors } from '../weights/safetensors.js';
import { bar, type Report } from './report.js';

const CONFIGS = ['retinanet_lowformer-b1_fpn_1x_coco', 'retinanet_lowformer-b3_fpn_1x_coco'] as const;
const MEGABYTE = 1e6;
const run = promisify(execFile);

/** The bar: at most three times the weights in memory while a model is loaded. */
export async function benchmarkLoading(rounds = 5): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'lowformer-benchmark-'));
  try {
    const cases = [];
    for (const config of CONFIGS) {
      const checkpoint = join(folder, `${config}.safetensors`);
      await writeSafetensors(checkpoint, initialTensors(config));
      const { size } = await stat(checkpoint);
      cases.push({ config, checkpoint, size, loads: [] as Load[] });
    }
    for (let round = 0; round < rounds; round++) {
      for (const { config, checkpoint, loads } of cases) loads.push(await loadOnce(config, checkpoint));
    }
    return {
      title: 'Loading a model',
      how: `A safetensors file, in the page cache, to a session that is ready; each time in a new process. Memory is resident memory at its height less that before loading, the runtime's own library and file mappings counted. Median of ${rounds}; megabytes, seconds.`,
      rows: cases.map(({ config, size, loads }) => {
        const peaks = loads.map(({ before, peak }) => (peak - before) / size);
        return {
          config,
          weights: size / MEGABYTE,
          peak: (median(peaks) * size) / MEGABYTE,
          afterwards: median(loads.map(({ before, after }) => after - before)) / MEGABYTE,
          seconds: median(loads.map(({ milliseconds }) => milliseconds)) / 1000,
          'peak / weights': median(peaks),
          largest: Math.max(...peaks),
          ...bar(median(peaks), 3),
        };
      }),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const loadSchema = z.object({ before: z.number(), peak: z.number(), after: z.number(), milliseconds: z.number() });
type Load = z.output<typeof loadSchema>;

/** In a new process: a second load in the same one would find memory that the first has left. */
async function loadOnce(config: string, checkpoint: string): Promise<Load> {
  const program = fileURLToPath(new URL('./loading_child.ts', import.meta.url));
  const loader = ['--import', import.meta.resolve('jiti/register')];
  const { stdout } = await run(process.execPath, [...loader, program, config, checkpoint]);
  return loadSchema.parse(JSON.parse(stdout));
}

function initialTensors(config: (typeof CONFIGS)[number]): Tensors {
  const model = buildModel(SHIPPED_CONFIGS[config].model);
  const { parameters } = initialWeights(model);
  return Object.fromEntries([...model.wholeGraph.parameters.keys()].map((name) => [name, parameters(name)]));
}
