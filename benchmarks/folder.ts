/** From a folder's files to boxes, as `detect` does it, against the bare network. */
import { join } from 'node:path';
import sharp from 'sharp';
import { drawDemoScene } from '../drawing/demo_scene.js';
import { createEngine, type Engine, threadLimit } from '../engines/index.js';
import { median, othersIn, ratios, type Turns, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { type LoadedModel, loadDetector } from '../models/load_model.js';
import { interruptedText, type LongCase, rowsOfCases } from './long_cases.js';
import { bareNetwork, greyInput, type MeasuredDetector, measuredDetectors } from './measured_detectors.js';
import { processorTimes } from './processor_times.js';
import type { Cell, Report } from './report.js';
import { inTemporaryFolder } from './temporary_folder.js';

const WARM_UP = 1;
const LARGE = { name: 'RetinaNet B1, 512x512', config: 'retinanet_lowformer-b1_fpn_1x_coco', pictures: 8 } as const;
/** Of the rounds of all cases; on a quiet machine they are done before. */
const SECONDS = 160;

/** The bar: a folder's pictures come through at 95 % of what the network alone does, with the same sessions and with all cores in one. */
export async function benchmarkFolder(rounds = 7): Promise<Report> {
  return inTemporaryFolder(async (folder) => {
    const cases = (await measuredDetectors(folder, LARGE)).flatMap((detector) =>
      [1, 2].map(
        (scale): LongCase => ({
          name: `${detector.name}, pictures of ${640 * scale}x${480 * scale}`,
          measure: (turns) =>
            folderAgainstNetwork(detector, { folder, scale, turns: { ...turns, rounds, warmUp: WARM_UP } }),
        }),
      ),
    );
    const rows = await rowsOfCases(cases, { seconds: SECONDS, rounds: rounds + WARM_UP });
    return {
      title: 'A folder of pictures',
      how: `JPEG files to boxes as \`detect\` does it, with as many sessions as cores, against the bare network: those sessions alone on inputs that are there already, and one session with all cores. ${rounds} rounds in turns after ${WARM_UP} to warm up, fewer where ${SECONDS} seconds are over, pictures a second; "share" is the median of network's time / folder's time, "processor" that of their processor times.${interruptedText()}`,
      rows,
    };
  });
}

async function folderAgainstNetwork(
  detector: MeasuredDetector,
  { folder, scale, turns }: { readonly folder: string; readonly scale: number; readonly turns: Turns },
): Promise<readonly Record<string, Cell>[]> {
  const { name, config, options, pictures } = detector;
  const [pictureWidth, pictureHeight] = [640 * scale, 480 * scale];
  const files: string[] = [];
  for (let i = 0; i < pictures; i++) {
    const file = join(folder, `${scale}-${i}.jpg`);
    const { data, ...size } = drawDemoScene(i % 8).image;
    await sharp(data, { raw: { ...size, channels: 3 } })
      .resize(pictureWidth, pictureHeight)
      .jpeg({ quality: 92 })
      .toFile(file);
    files.push(file);
  }
  const sessions = threadLimit().threads;
  await using model = await loadDetector(config, { ...options, sessions });
  using network = await bareNetwork(detector);
  await using several = await createEngine('onnxruntime', network, { device: 'cpu', sessions });
  await using one = await createEngine('onnxruntime', network, { device: 'cpu' });
  const input = greyInput(detector);
  const alone = (engine: Engine, calls: number) => async () => {
    let left = pictures;
    const caller = async () => {
      while (left-- > 0) await engine.run({ input });
    };
    await Promise.all(Array.from({ length: calls }, caller));
  };
  const processor = processorTimes();
  const contestants = [() => through(model, files), alone(several, sessions), alone(one, 1)];
  const laps = await takeTurns(
    contestants.map((run, i) => processor.timed(i, run)),
    turns,
  );
  if (laps.length === 0) return [];
  const speed = (i: number) => (1000 * pictures) / median(timesOf(laps, i));
  const share = (i: number) => median(ratios(timesOf(laps, i), timesOf(laps, 0)));
  const row = {
    model: name,
    pictures: `${pictureWidth}x${pictureHeight}`,
    'files to boxes': speed(0),
    'the same sessions alone': speed(1),
    share: share(1),
    processor: processor.median(1, WARM_UP) / processor.median(0, WARM_UP),
    'one session alone': speed(2),
    'share of that': share(2),
    others: othersIn(laps),
    bar: 0.95,
    kept: Math.min(share(1), share(2)) >= 0.95 ? 'yes' : 'no',
  };
  return [row];
}

async function through(model: LoadedModel, files: readonly string[]): Promise<void> {
  for await (const outcome of model.predictMany(files)) if (!outcome.ok) throw outcome.error;
}
