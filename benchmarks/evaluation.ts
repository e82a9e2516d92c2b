/** Whether a run over a dataset waits for anything but the network: pictures a second, whole and network alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tensor } from '../core/tensor.js';
import { drawDemoScene } from '../drawing/demo_scene.js';
import { writeImage } from '../drawing/write_png.js';
import { createEngine } from '../engines/index.js';
import { packageRoot } from '../files/package_version.js';
import { writeOnnx } from '../graph/onnx/write.js';
import { median, othersIn, ratios, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { deployedPasses } from '../models/deployed_passes.js';
import { type LoadOptions, loadDetector } from '../models/load_model.js';
import { initialWeights, openModelWeights } from '../models/network_weights.js';
import { openConfig, predictionParts } from '../models/open_config.js';
import { deploy } from '../tasks/deploy.js';
import type { StageTiming } from '../tasks/predictor.js';
import { writeSafetensors } from '../weights/safetensors.js';
import type { Cell, Report } from './report.js';

const WARM_UP = 2;

interface Case {
  readonly name: string;
  readonly config: string;
  readonly options: LoadOptions & { readonly checkpoint: string; readonly cfgOptions: readonly string[] };
  readonly size: readonly [height: number, width: number];
  readonly pictures: number;
}

/** No bar but the aim: what surrounds the network hides behind it, as far as the cores allow. */
export async function benchmarkEvaluation(rounds = 7): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'lowformer-benchmark-'));
  try {
    const files = Array.from({ length: 24 }, (_, i) => join(folder, `${i}.jpg`));
    for (const [i, file] of files.entries()) await writeImage(file, drawDemoScene(i % 8).image);
    const rows = [];
    for (const contestants of await cases(folder)) rows.push(await measure(contestants, files, rounds));
    return {
      title: 'A run over a dataset',
      how: `JPEG files of 640x480, one at a time, from file to boxes; against the same network alone on an input that is there already. The network has a thread for each core, so that decoding, resizing and finding boxes share the cores with it. ${rounds} rounds after ${WARM_UP} to warm up, pictures a second; the ratio is the median of the whole's time to the network's. "waits" is the time during which the network's thread had nothing to do, milliseconds a picture, the first decoding and the last boxes of a run counted.`,
      rows,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function cases(folder: string): Promise<readonly Case[]> {
  const asset = (name: string) => fileURLToPath(new URL(`assets/${name}`, packageRoot()));
  const config = 'retinanet_lowformer-b0_fpn_1x_coco';
  const checkpoint = join(folder, 'b0.safetensors');
  const { model } = await openConfig(config);
  const { parameters } = initialWeights(model);
  const tensors: Record<string, Tensor> = {};
  for (const name of model.wholeGraph.parameters.keys()) tensors[name] = parameters(name);
  await writeSafetensors(checkpoint, tensors);
  const fixed = ['test_pipeline.1.scale=[512,512]', 'test_pipeline.1.keep_ratio=False'];
  return [
    {
      name: 'demo model, 416x320',
      config: asset('blood_cells.json'),
      options: { checkpoint: asset('blood_cells.safetensors'), cfgOptions: [] },
      size: [320, 416],
      pictures: 24,
    },
    {
      name: 'RetinaNet B0, 512x512',
      config,
      options: { checkpoint, cfgOptions: fixed },
      size: [512, 512],
      pictures: 6,
    },
  ];
}

async function measure(
  { name, config, options, size: [height, width], pictures }: Case,
  files: readonly string[],
  rounds: number,
): Promise<Record<string, Cell>> {
  await using model = await loadDetector(config, options);
  const opened = await openConfig(config, options.cfgOptions);
  using weights = await openModelWeights(opened, options, () => {});
  const { pipeline } = predictionParts(opened);
  const network = deploy(opened.model, weights.parameters, {
    inputs: { kind: 'prepared', pipeline },
    passes: deployedPasses('onnxruntime', 'cpu'),
  });
  await using engine = await createEngine('onnxruntime', writeOnnx(network), { device: 'cpu' });
  const input = { shape: [1, 3, height, width], data: new Float32Array(3 * height * width).fill(0.5) };
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
