import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readCoco } from '../../data/coco.js';
import { readLabelMap } from '../../data/label_map.js';
import { readSegmentationFolders } from '../../data/segmentation_folders.js';
import { decodeImage } from '../../images/decode.js';
import { drawScene } from '../../scenes/scene.js';
import { SCENE_CLASSES, SCENE_LABELS } from '../../scenes/shapes/index.js';
import { writeScenes } from '../../scenes/write_scenes.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-scenes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const series = { seed: 4, count: 5, size: { width: 96, height: 80 } };
const scenes = Array.from({ length: series.count }, (_, i) => drawScene(series.seed, i, series.size));
const names = scenes.map((_, i) => `00000${i}.png`);
const files = (place: string) => readdirSync(place, { recursive: true, encoding: 'utf8' }).sort();

test('pictures, boxes and label maps as drawn, read by the readers of data sets', async () => {
  const told: string[] = [];
  await writeScenes(at('one'), series, { onScene: (file, { length }) => told.push(`${file} ${length}`) });
  expect(told).toEqual(names.map((name, i) => `${name} ${scenes[i]?.objects.length}`));
  expect(files(at('one'))).toEqual(
    [
      'annotations.json',
      'images',
      ...names.map((name) => `images/${name}`),
      'label_names.txt',
      'labels',
      ...names.map((name) => `labels/${name}`),
    ].map((name) => join(name)),
  );
  expect(readFileSync(at('one/label_names.txt'), 'utf8').trim().split('\n')).toEqual(SCENE_LABELS);

  const boxes = await readCoco(at('one/annotations.json'), at('one/images'));
  expect(boxes.classes).toEqual(SCENE_CLASSES);
  const segmentation = await readSegmentationFolders({ images: at('one/images'), labels: at('one/labels') });
  for (const [i, { image, labels, objects }] of scenes.entries()) {
    const sample = boxes.samples[i];
    expect(sample?.size).toEqual(series.size);
    expect([...(sample?.objects ?? [])].map(({ box, area, categoryId }) => ({ box, area, categoryId }))).toEqual(
      objects.map(({ bbox, area, classIndex }) => ({ box: bbox, area, categoryId: classIndex + 1 })),
    );
    expect(Buffer.from((await decodeImage(sample?.file ?? '')).data).equals(Buffer.from(image.data))).toBe(true);
    const map = await readLabelMap(segmentation.samples[i]?.labelFile ?? '');
    expect([...map.labels]).toEqual([...labels.labels]);
  }
});

test('a second time to the same bytes; more pictures begin with those of fewer', async () => {
  await writeScenes(at('two'), series);
  await writeScenes(at('more'), { ...series, count: 6 });
  for (const name of names) {
    for (const place of ['images', 'labels']) {
      const bytes = readFileSync(at(`two/${place}/${name}`));
      expect(bytes.equals(readFileSync(at(`more/${place}/${name}`)))).toBe(true);
    }
  }
  const one = files(at('one')).filter((name) => name.includes('.'));
  expect(one.filter((name) => !readFileSync(at(`one/${name}`)).equals(readFileSync(at(`two/${name}`))))).toEqual([]);
});

test('given up on the way, it leaves nothing', async () => {
  const stop = new AbortController();
  const given = writeScenes(at('stopped/here'), series, { signal: stop.signal, onScene: () => stop.abort() });
  await expect(given).rejects.toThrow('aborted');
  expect(existsSync(at('stopped'))).toBe(false);
});
