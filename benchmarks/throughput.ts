/** Pictures a second over sessions, threads and batch sizes: of the network alone, and from a folder's files to boxes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Tensor } from '../core/tensor.js';
import { drawDemoScene } from '../drawing/demo_scene.js';
import { createEngine, type Engine, threadLimit } from '../engines/index.js';
import { packageRoot } from '../files/package_version.js';
import { type Lap, median, minimum, othersIn, ratios, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { deployedPasses } from '../models/deployed_passes.js';
import { type LoadedModel, type LoadOptions, loadDetector } from '../models/load_model.js';
import { initialWeights, openModelWeights } from '../models/network_weights.js';
import { openConfig, predictionParts } from '../models/open_config.js';
import { deploy } from '../tasks/deploy.js';
import { writeSafetensors } from '../weights/safetensors.js';
import type { Cell, Report } from './report.js';

const WARM_UP = 1;
const BATCHES = [1, 2, 4, 8] as const;

interface Case {
  readonly name: string;
  readonly config: string;
  readonly options: LoadOptions & { readonly checkpoint: string; readonly cfgOptions: readonly string[] };
  readonly size: readonly [height: number, width: number];
  /** Pictures in one round. */
  readonly pictures: number;
}

/** How the cores are shared out: one session with all of them, one with one, as many sessions as cores. */
function shares(): readonly (readonly [sessions: number, threads: number])[] {
  const { threads } = threadLimit();
  const all: [number, number][] = [[1, 1]];
  for (let sessions = 1; sessions <= threads; sessions *= 2) {
    if (threads > 1) all.push([sessions, Math.floor(threads / sessions)]);
  }
  return all;
}

/** No bar: the table is what `--sessions`, `--threads` and `--batch-size` are chosen by. */
export async function benchmarkThroughput(rounds = 7): Promise<Report> {
  return inFolder(async (folder) => {
    const rows = [];
    for (const contestants of await cases(folder)) rows.push(...(await curve(contestants, rounds)));
    return {
      title: 'Throughput of the network',
      how: `Pictures a second of the network alone in ONNX Runtime, inputs ready, as many calls under way as sessions. "to the first" is the median ratio to one session with all cores and batch 1, round by round (${rounds} rounds in turns after ${WARM_UP} to warm up).`,
      rows,
    };
  });
}

async function curve(contest: Case, rounds: number): Promise<Record<string, Cell>[]> {
  const {
    name,
    config,
    options,
    size: [height, width],
    pictures,
  } = contest;
  const opened = await openConfig(config, options.cfgOptions);
  using weights = await openModelWeights(opened, options, () => {});
  const { pipeline } = predictionParts(opened);
  const network = deploy(opened.model, weights.parameters, {
    inputs: { kind: 'prepared', pipeline },
    passes: deployedPasses('onnxruntime', 'cpu'),
  });
  const all = threadLimit().threads;
  const settings = shares()
    .flatMap(([sessions, threads]) => BATCHES.map((batch) => ({ sessions, threads, batch })))
    .toSorted((a, b) => Number(isFirst(b, all)) - Number(isFirst(a, all)));
  const engines = new Map<string, Engine>();
  try {
    for (const [sessions, threads] of shares()) {
      engines.set(
        `${sessions} ${threads}`,
        await createEngine('onnxruntime', network, { device: 'cpu', sessions, threads }),
      );
    }
    const contestants = settings.map(({ sessions, threads, batch }) => async () => {
      const engine = engines.get(`${sessions} ${threads}`);
      const data = new Float32Array(batch * 3 * height * width).fill(0.5);
      const input: Tensor = { shape: [batch, 3, height, width], data };
      let left = Math.ceil(pictures / batch);
      const caller = async () => {
        while (left-- > 0) await engine?.run({ input });
      };
      await Promise.all(Array.from({ length: sessions }, caller));
    });
    return tabulate(await takeTurns(contestants, { rounds, warmUp: WARM_UP }));
  } finally {
    for (const engine of engines.values()) await engine[Symbol.asyncDispose]();
  }

  function tabulate(laps: readonly Lap[]) {
    return settings.map(({ sessions, threads, batch }, i) => {
      const times = timesOf(laps, i);
      const done = Math.ceil(pictures / batch) * batch;
      return {
        model: name,
        sessions,
        threads,
        batch,
        'pictures/s': (1000 * done) / median(times),
        'at best': (1000 * done) / minimum(times),
        'to the first': median(ratios(timesOf(laps, 0), times)) * (done / pictures),
        others: othersIn(laps),
      };
    });
  }
}

function isFirst({ sessions, threads, batch }: { sessions: number; threads: number; batch: number }, all: number) {
  return sessions === 1 && threads === all && batch === 1;
}

/** The bar: a folder's pictures come through at 95 % of what the network alone does with the same sessions. */
export async function benchmarkFolder(rounds = 7): Promise<Report> {
  return inFolder(async (folder) => {
    const rows = [];
    for (const contest of await cases(folder)) {
      for (const scale of [1, 2]) rows.push(await folderAgainstNetwork(contest, { folder, scale, rounds }));
    }
    return {
      title: 'A folder of pictures',
      how: `JPEG files to boxes as \`detect\` does it, with as many sessions as cores, against the bare network: those sessions alone on inputs that are there already, and one session with all cores. ${rounds} rounds in turns after ${WARM_UP} to warm up, pictures a second; "share" is the median of network's time / folder's time.`,
      rows,
    };
  });
}

async function folderAgainstNetwork(
  { name, config, options, size: [height, width], pictures }: Case,
  { folder, scale, rounds }: { readonly folder: string; readonly scale: number; readonly rounds: number },
): Promise<Record<string, Cell>> {
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
  const opened = await openConfig(config, options.cfgOptions);
  using weights = await openModelWeights(opened, options, () => {});
  const { pipeline } = predictionParts(opened);
  const network = deploy(opened.model, weights.parameters, {
    inputs: { kind: 'prepared', pipeline },
    passes: deployedPasses('onnxruntime', 'cpu'),
  });
  await using several = await createEngine('onnxruntime', network, { device: 'cpu', sessions });
  await using one = await createEngine('onnxruntime', network, { device: 'cpu' });
  const input = { shape: [1, 3, height, width], data: new Float32Array(3 * height * width).fill(0.5) };
  const alone = (engine: Engine, calls: number) => async () => {
    let left = pictures;
    const caller = async () => {
      while (left-- > 0) await engine.run({ input });
    };
    await Promise.all(Array.from({ length: calls }, caller));
  };
  const laps = await takeTurns([() => through(model, files), alone(several, sessions), alone(one, 1)], {
    rounds,
    warmUp: WARM_UP,
  });
  const speed = (i: number) => (1000 * pictures) / median(timesOf(laps, i));
  const share = (i: number) => median(ratios(timesOf(laps, i), timesOf(laps, 0)));
  return {
    model: name,
    pictures: `${pictureWidth}x${pictureHeight}`,
    'files to boxes': speed(0),
    'the same sessions alone': speed(1),
    share: share(1),
    'one session alone': speed(2),
    'share of that': share(2),
    others: othersIn(laps),
    bar: 0.95,
    kept: share(2) >= 0.95 ? 'yes' : 'no',
  };
}

async function through(model: LoadedModel, files: readonly string[]): Promise<void> {
  for await (const outcome of model.predictMany(files)) if (!outcome.ok) throw outcome.error;
}

async function inFolder(work: (folder: string) => Promise<Report>): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'lowformer-benchmark-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function cases(folder: string): Promise<readonly Case[]> {
  const asset = (name: string) => fileURLToPath(new URL(`assets/${name}`, packageRoot()));
  const config = 'retinanet_lowformer-b1_fpn_1x_coco';
  const checkpoint = join(folder, 'b1.safetensors');
  const { model } = await openConfig(config);
  const { parameters } = initialWeights(model);
  const tensors: Record<string, Tensor> = {};
  for (const name of model.wholeGraph.parameters.keys()) tensors[name] = parameters(name);
  await writeSafetensors(checkpoint, tensors);
  const cfgOptions = ['test_pipeline.1.scale=[512,512]', 'test_pipeline.1.keep_ratio=False'];
  return [
    {
      name: 'demo model, 416x320',
      config: asset('blood_cells.json'),
      options: { checkpoint: asset('blood_cells.safetensors'), cfgOptions: [] },
      size: [320, 416],
      pictures: 24,
    },
    { name: 'RetinaNet B1, 512x512', config, options: { checkpoint, cfgOptions }, size: [512, 512], pictures: 8 },
  ];
}
