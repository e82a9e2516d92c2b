/** The whole way from a JPEG file's bytes to boxes: the demo's model on the demo's scene. */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { drawDemoScene } from '../drawing/demo_scene.js';
import { packageRoot } from '../files/package_version.js';
import { decodeImage } from '../images/decode.js';
import { median, minimum, othersIn, spread, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { loadDetector } from '../models/load_model.js';
import type { StageTiming } from '../tasks/predictor.js';
import type { Report } from './report.js';

const WARM_UP = 3;

/** No bar: the time is there to be watched. */
export async function benchmarkPipeline(rounds = 21): Promise<Report> {
  const asset = (name: string) => fileURLToPath(new URL(`assets/${name}`, packageRoot()));
  await using model = await loadDetector(asset('blood_cells.json'), { checkpoint: asset('blood_cells.safetensors') });
  const { data, width, height } = drawDemoScene().image;
  const file = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();

  const stages: StageTiming[] = [];
  const predict = () => model.predict(file, { onTiming: (timing) => stages.push(timing) });
  const laps = await takeTurns([() => decodeImage(file), predict], { rounds, warmUp: WARM_UP });
  const counted = laps.flatMap(({ round }) => stages[WARM_UP + round] ?? []);
  const row = (stage: string, times: readonly number[]) => ({
    stage,
    median: median(times),
    minimum: minimum(times),
    spread: spread(times),
  });
  return {
    title: 'From a JPEG to boxes',
    how: `The demo: ${width}x${height}, three classes, a RetinaNet smaller than LowFormer-B0's. ${rounds} rounds after ${WARM_UP} to warm up, milliseconds; other processes took ${othersIn(laps)} of the processors at most. The whole was timed by itself, the JPEG too; the other stages are the model's own report.`,
    rows: [
      row('decode the JPEG', timesOf(laps, 0)),
      row(
        'resize, pad, normalise',
        counted.map(({ prepare }) => prepare),
      ),
      row(
        'network',
        counted.map(({ network }) => network),
      ),
      row(
        'decode boxes, NMS',
        counted.map(({ decode }) => decode),
      ),
      row('the whole', timesOf(laps, 1)),
    ],
  };
}
