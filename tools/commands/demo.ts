import { join } from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { listening } from '../../files/interruption.js';
import { checkFolder } from '../../files/output_folder.js';
import { countByClass } from '../../models/result_records.js';
import type { StageTiming } from '../../tasks/predictor.js';
import { wholeNumber } from '../common_options.js';
import { writeStdout } from '../standard_streams.js';

/** `lowformer demo`: draws a blood smear and scenes, has the models in assets/ look at them, and draws what they found. */
export function demoCommand(signal: AbortSignal): Command {
  return new Command('demo')
    .option('--out <dir>', 'where the pictures go', 'demo')
    .addOption(new Option('--seed <n>', 'another scene for another number').default(6).argParser(wholeNumber))
    .action(async (given: unknown) => {
      const { out, seed } = z.object({ out: z.string(), seed: z.number() }).parse(given);
      await listening(() => demo(out, seed, signal));
    });
}

async function demo(out: string, seed: number, signal: AbortSignal): Promise<void> {
  await checkFolder(out);
  const times: [string, number][] = [];
  const timed = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    times.push([stage, performance.now() - start]);
    return result;
  };
  await using model = await timed('load', async () =>
    (await import('../../models/load_model.js')).loadDetector('blood-cells', { signal }),
  );
  const { image, cells } = await timed('draw the scene', async () => drawDemoScene(seed));
  const stages: StageTiming[] = [];
  const { detections } = await model.predict(image, {
    signal,
    onTiming: (timing) => stages.push(timing),
  });
  for (const { prepare, network, decode } of stages) {
    times.push(['resize, normalise', prepare], ['network', network], ['decode, NMS', decode]);
  }
  const found = detections.filter(({ score }) => score >= 0.5);
  const path = join(out, 'blood_cells.png');
  await timed('annotate, write', async () => {
    const { drawDetections } = await import('../../drawing/detections.js');
    const { writeImage } = await import('../../drawing/write_png.js');
    await writeImage(path, await drawDetections(image, found));
  });
  const drawn = new Map<string, number>();
  for (const { kind } of cells) drawn.set(kind, (drawn.get(kind) ?? 0) + 1);
  const lines = [
    `drawn  ${[...drawn].map(([kind, count]) => `${count} ${kind}`).join(', ')}`,
    `found  ${countByClass(found)}`,
    '',
    ...times.map(([stage, milliseconds]) => `${stage.padEnd(18)} ${milliseconds.toFixed(1).padStart(7)} ms`),
    '',
    `picture: ${path}`,
  ];
  await writeStdout(`${lines.join('\n')}\n`);
  await scenes(out, seed, signal);
}

/** The models of drawn scenes, where the package has them. */
const SCENE_MODELS = { detector: 'scenes-detector', segmentor: 'scenes-segmentor' } as const;
const SCORED_SCENES = 20;
/** Behind the seeds of the pictures that the models were trained and validated on. */
const FIRST_SEED = 1000;

/** Draws scenes that no model has seen, has them looked at, and scores that. */
async function scenes(out: string, seed: number, signal: AbortSignal): Promise<void> {
  const { SHIPPED_MODELS } = await import('../../models/shipped_models.js');
  if (!Object.values(SCENE_MODELS).every((name) => Object.hasOwn(SHIPPED_MODELS, name))) return;
  const { loadDetector, loadSegmentor } = await import('../../models/load_model.js');
  const { sceneDemo } = await import('../demo/scene_demo.js');
  const { writeImage } = await import('../../drawing/write_png.js');
  await using detector = await loadDetector(SCENE_MODELS.detector, { signal });
  await using segmentor = await loadSegmentor(SCENE_MODELS.segmentor, { signal });
  const options = { seed: FIRST_SEED + seed, count: SCORED_SCENES, signal };
  const { objects, found, detected, segmented, ...figures } = await sceneDemo({ detector, segmentor }, options);
  const pictures = [join(out, 'scene_detected.png'), join(out, 'scene_segmented.png')] as const;
  await writeImage(pictures[0], detected);
  await writeImage(pictures[1], segmented);
  const drawn = new Map<string, number>();
  for (const { category } of objects) drawn.set(category, (drawn.get(category) ?? 0) + 1);
  const lines = [
    '',
    `drawn  ${[...drawn].map(([category, count]) => `${count} ${category}`).join(', ')}`,
    `found  ${countByClass(found)}`,
    `over ${SCORED_SCENES} scenes: AP ${figures.AP.toFixed(3)}, AP50 ${figures.AP50.toFixed(3)}, mIoU ${figures.mIoU?.toFixed(3) ?? '-'}`,
    `pictures: ${pictures.join(', ')}`,
  ];
  await writeStdout(`${lines.join('\n')}\n`);
}
