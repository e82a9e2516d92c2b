import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lowformerScenes } from '../../../configs/lowformer_scenes.js';
import { categoryId, classIndex } from '../../../core/brands.js';
import { loadDetector, loadSegmentor } from '../../../models/load_model.js';
import { drawScene } from '../../../scenes/scene.js';
import { buildModel } from '../../../tasks/build_model.js';
import { type SceneModels, sceneDemo } from '../../../tools/demo/scene_demo.js';
import { writeSafetensors } from '../../../weights/safetensors.js';
import { formulaNetwork } from '../../run_network.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lowformer-scene-demo-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const SEED = 31;

/** Models that know what is there. @param missed objects of each scene that the detector does not find. */
function knowing(missed: number): SceneModels {
  const scene = (seen: { picture: number }) => drawScene(SEED, seen.picture++, { width: 256, height: 256 });
  const [detector, segmentor] = [{ picture: 0 }, { picture: 0 }];
  return {
    detector: {
      async predict() {
        const detections = scene(detector)
          .objects.slice(missed)
          .map(({ category, classIndex: index, bbox }) => {
            const [x, y, width, height] = bbox;
            const box = [x, y, x + width, y + height] as const;
            return { box, score: 0.9, classIndex: classIndex(index), categoryId: categoryId(index + 1), category };
          });
        return { kind: 'detection', width: 256, height: 256, detections };
      },
    },
    segmentor: {
      async predict() {
        const labels = Uint8Array.from(scene(segmentor).labels.labels);
        return { kind: 'segmentation', width: 256, height: 256, labels, classes: [] };
      },
    },
  };
}

test('whoever knows what is there scores 1, and less with objects missed', async () => {
  const all = await sceneDemo(knowing(0), { seed: SEED, count: 4 });
  expect([all.AP, all.AP50, all.mIoU]).toEqual([expect.closeTo(1), expect.closeTo(1), 1]);
  expect(all.found).toHaveLength(all.objects.length);
  expect([all.detected, all.segmented].map(({ width, height }) => [width, height])).toEqual([
    [256, 256],
    [256, 256],
  ]);
  const some = await sceneDemo(knowing(2), { seed: SEED, count: 4 });
  expect(some.AP).toBeLessThan(0.9);
  expect(some.objects.length - some.found.length).toBe(2);
});

test('the shipped networks run, whatever their weights', async () => {
  const names = ['atss_lowformer-xs_fpn_8e_scenes-256x256', 'sem-fpn_lowformer-xs_8e_scenes-256x256'] as const;
  const [detects, segments] = await Promise.all(
    names.map(async (name) => {
      const { graph } = buildModel(lowformerScenes[name].model);
      const { parameters } = formulaNetwork(graph);
      const file = join(folder, `${name}.safetensors`);
      const weights = [...graph.parameters.keys()].map((parameter) => [parameter, parameters(parameter)] as const);
      await writeSafetensors(file, Object.fromEntries(weights));
      return { checkpoint: file, threads: 1 };
    }),
  );
  await using detector = await loadDetector(names[0], detects);
  await using segmentor = await loadSegmentor(names[1], segments);
  const { AP, mIoU } = await sceneDemo({ detector, segmentor }, { seed: SEED, count: 2 });
  expect(AP).toBeLessThan(0.1);
  expect(mIoU).toBeLessThan(0.5);
});
