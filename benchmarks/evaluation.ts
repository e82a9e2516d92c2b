/** Whether a run over a dataset waits for anything but the network: pictures a second, whole and network alone. */
import { join } from 'node:path';
import { drawDemoScene } from '../drawing/demo_scene.js';
import { writeImage } from '../drawing/write_png.js';
import { createEngine } from '../engines/index.js';
import { median, othersIn, ratios, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { loadDetector } from '../models/load_model.js';
import type { StageTiming } from '../tasks/predictor.js';
import { bareNetwork, greyInput, type MeasuredDetector, measuredDetectors } from './measured_detectors.js';
import type { Cell, Report } from './report.js';
import { inTemporaryFolder } from './temporary_folder.js';

const WARM_UP = 2;
const LARGE = { name: 'RetinaNet B0, 512x512', config: 'retinanet_lowformer-b0_fpn_1x_coco', pictures: 6 } as const;

/** No bar but the aim: what surrounds the network hides behind it, as far as the cores allow. */
export async function benchmarkEvaluation(rounds = 7): Promise<Report> {
  return inTemporaryFolder(async (folder) => {
    const files = Array.from({ length: 24 }, (_, i) => join(folder, `${i}.jpg`));
    for (const [i, file] of files.entries()) await writeImage(file, drawDemoScene(i % 8).image);
    const rows = [];
    for (const detector of await measuredDetectors(folder, LARGE)) rows.push(await measure(detector, files, rounds));
    return {
      title: 'A run over a dataset',
      how: `JPEG files of 640x480, one at a time, from file to boxes; against the same network alone on an input that is there already. The network has a thread for each core, so that decoding, resizing and finding boxes share the cores with it. ${rounds} rounds after ${WARM_UP} to warm up, pictures a second; the ratio is the median of the whole's time to the network's. "waits" is the time during which the network's thread had nothing to do, milliseconds a picture, the first decoding and the last boxes of a run counted.`,
      rows,
    };
  });
}

async function measure(
  detector: MeasuredDetector,
  files: readonly string[],
  rounds: number,
): Promise<Record<string, Cell>> {
  const { name, config, options, pictures } = detector;
  await using model = await loadDetector(config, options);
  using network = await bareNetwork(detector);
  await using engine = await createEngine('onnxruntime', network, { device: 'cpu' });
  const input = greyInput(detector);
  const runs: number[] = [];
  const whole = async () => {
    let running = 0;
    const onTiming = ({ network }: StageTiming) => {
      running += network;
    };
    for await (const outcome of model.predictMany(files.slice(0, pictures), { onTiming })) {
      if (!outcome.ok) throw outcome.error;
    }
    runs.push(running);
  };
  const alone = async () => {
    for (let i = 0; i < pictures; i++) await engine.run({ input });
  };
  const laps = await takeTurns([whole, alone], { rounds, warmUp: WARM_UP });
  const [all, bare] = [timesOf(laps, 0), timesOf(laps, 1)];
  // The first picture's decoding and preparing, and the last one's boxes, stand alone in every run: they count as waiting.
  const waits = laps.map(({ round, times: [time = 0] }) => (time - (runs[round + WARM_UP] ?? 0)) / pictures);
  return {
    model: name,
    'files to boxes': (1000 * pictures) / median(all),
    'network alone': (1000 * pictures) / median(bare),
    ratio: median(ratios(all, bare)),
    'waits a picture': median(waits),
    'waits, share': `${((100 * median(waits) * pictures) / median(all)).toFixed(1)} %`,
    others: othersIn(laps),
  };
}
