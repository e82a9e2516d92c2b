/** Metrics of label maps and of classes that are not the package's own, through `evaluate`: in this process, where they are. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineClassificationMetric, defineSegmentationMetric } from '../../scoring/metrics/define.js';
import { METRICS } from '../../scoring/metrics/index.js';
import { evaluateCommand } from '../../tools/commands/evaluate.js';
import { folderIn, temporaryFolder } from '../tools/command_line.js';
import { classifier, drawPicture, segmentor, writeModel, writePicture } from '../tools/tiny_models.js';

const cwd = temporaryFolder();
const at = (name: string) => join(cwd, name);

/** Pixels that are right, of those that count. */
const rightPixels = defineSegmentationMetric({
  type: 'right-pixels',
  description: 'right pixels',
  schema: z.strictObject({ from: z.int().default(0) }),
  flags: [{ flags: '--from <n>', description: 'the first class that counts', parse: Number }],
  counts: z.object({ right: z.int(), all: z.int() }),
  create({ ignoreIndex }, { from }) {
    let [right, all] = [0, 0];
    return {
      add({ truth, prediction }) {
        truth.labels.forEach((label, i) => {
          if (label === ignoreIndex || label < from) return;
          all++;
          if (label === prediction.labels[i]) right++;
        });
      },
      counts: () => ({ right, all }),
      merge(other) {
        right += other.right;
        all += other.all;
      },
      result: () => ({ right, all }),
    };
  },
  report: (result) => ({ record: result, text: '', headline: '' }),
});

const ranked: number[] = [];
/** Pictures whose class is second. */
const second = defineClassificationMetric({
  type: 'second',
  description: 'second',
  schema: z.strictObject({}),
  counts: z.int(),
  ranks: 2,
  create() {
    let found = 0;
    return {
      add({ target, ranking }) {
        ranked.push(ranking.length);
        if (ranking[1] === target) found++;
      },
      counts: () => found,
      merge(other) {
        found += other;
      },
      result: () => found,
    };
  },
  report: (found) => ({ record: { found }, text: '', headline: '' }),
});

async function evaluated(args: readonly string[]): Promise<unknown> {
  const command = evaluateCommand(new AbortController().signal).exitOverride();
  const found = ['--predictions', at('predicted'), '--json', at('out.json'), '--quiet'];
  const kept = args.includes('cls.json') ? found.slice(2) : found;
  const [config = '', ...rest] = args;
  await command.parseAsync([at(config), ...rest, ...kept], { from: 'user' });
  return JSON.parse(readFileSync(at('out.json'), 'utf8'));
}

// A run without --predictions has its journal in the working directory.
const before = process.cwd();
afterAll(() => process.chdir(before));
beforeAll(async () => {
  process.chdir(cwd);
  METRICS.register(rightPixels);
  METRICS.register(second);
  await writeModel(cwd, 'seg', segmentor);
  await writeModel(cwd, 'cls', classifier);
  const [images, labels, classes] = ['images', 'labels', 'classes'].map((name) => folderIn(cwd, name));
  for (const [i, name] of classifier.metainfo.classes.entries()) {
    const picture = drawPicture(90, 60, 20 * i);
    mkdirSync(join(classes ?? '', name));
    await writePicture(join(classes ?? '', name, 'a.png'), picture);
    await writePicture(join(images ?? '', `${name}.png`), picture);
    const values = Uint8Array.from({ length: 5400 }, (_, at) => (at % 7 === 0 ? 255 : (at + i) % 3));
    const raw = { width: 90, height: 60, channels: 1 } as const;
    await sharp(values, { raw })
      .toColourspace('b-w')
      .png()
      .toFile(join(labels ?? '', `${name}.png`));
  }
});

describe('a metric of one’s own', () => {
  const segmentation = ['seg.json', '--checkpoint', at('seg.safetensors')];
  const data = ['--images', at('images'), '--annotations', at('labels')];

  test('of label maps, with an option, and the journal keeps its counts', async () => {
    const own = [...segmentation, ...data, '--metric', 'right-pixels'];
    const { right, all } = z.object({ right: z.int(), all: z.int() }).parse(await evaluated(own));
    const miou = z.object({ aAcc: z.number() }).parse(await evaluated([...segmentation, ...data]));
    expect(right / all).toBeCloseTo(miou.aAcc, 12);
    const later = z.object({ all: z.int() }).parse(await evaluated([...own, '--from', '1']));
    expect(later.all).toBeLessThan(all);
  });

  test('of classes: it is given as many ranks as it looks at', async () => {
    const classification = ['cls.json', '--checkpoint', at('cls.safetensors'), '--images', at('classes')];
    const { found } = z.object({ found: z.int() }).parse(await evaluated([...classification, '--metric', 'second']));
    expect(found).toBeLessThanOrEqual(classifier.metainfo.classes.length);
    expect(ranked).toEqual(classifier.metainfo.classes.map(() => 2));
  });

  test('of another task is a mistake', async () => {
    const wrong = evaluated([...segmentation, ...data, '--metric', 'second']);
    await expect(wrong).rejects.toThrow("--metric: expected a config for classification but received 'segmentation'");
  });
});
