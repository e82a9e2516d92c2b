/** `slices_child.ts detect|segment PICTURE FOLDER`: one large picture, and what it took, as JSON. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLabelMapRows } from '../drawing/label_map_rows.js';
import { loadDetector, loadSegmentor } from '../models/load_model.js';
import type { StageTiming } from '../tasks/predictor.js';

const [task, file = '', folder = ''] = process.argv.slice(2);
const spent = { runs: 0, network: 0 };
const onTiming = ({ network }: StageTiming) => {
  spent.runs++;
  spent.network += network / 1000;
};
const load = { threads: 2, sessions: 1 } as const;
const maxPixels = 2 ** 31;

async function detect() {
  await using model = await loadDetector('blood-cells', load);
  const start = performance.now();
  const { detections } = await model.predict(file, { maxPixels, onTiming, slices: { size: 640 } });
  return { seconds: (performance.now() - start) / 1000, found: detections.length };
}

/** The scenes' segmentor over the picture as it is. */
async function segment() {
  const config = JSON.parse(readFileSync(new URL('../assets/scenes_segmentor.json', import.meta.url), 'utf8'));
  config.model.test_cfg = { mode: 'slide', crop_size: [1024, 1024], stride: [768, 768] };
  config.test_pipeline = [{ type: 'LoadImageFromFile' }, { type: 'PackSegInputs' }];
  const checkpoint = new URL('../assets/scenes_segmentor.safetensors', import.meta.url).pathname;
  await using model = await loadSegmentor(config, { ...load, checkpoint });
  const start = performance.now();
  let rows: Awaited<ReturnType<typeof openLabelMapRows>> | undefined;
  const { classes } = await model.predict(file, {
    maxPixels,
    onTiming,
    onLabels: async ({ size, labels }) => {
      rows ??= await openLabelMapRows(join(folder, 'labels.png'), size, { classCount: model.classes.length });
      await rows.add(labels);
    },
  });
  await rows?.finish();
  return { seconds: (performance.now() - start) / 1000, found: classes.length };
}

const done = task === 'detect' ? await detect() : await segment();
const peak = 1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
process.stdout.write(JSON.stringify({ ...spent, ...done, peak }));
