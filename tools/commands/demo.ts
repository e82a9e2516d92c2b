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

/** `lowformer demo`: draws a microscope-like scene, finds its cells with the weights in assets/, and draws what it found. */
export function demoCommand(signal: AbortSignal): Command {
  return new Command('demo')
    .description('find blood cells in a picture that it draws itself')
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
  const found = detections.filter(({ score }) => score >= 0.3);
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
}
