import type { Size } from '../core/frame.js';
import type { SceneObject } from './scene.js';
import { SCENE_CLASSES } from './shapes/index.js';

/** A picture of the series, by the name of its file. */
export interface ListedScene {
  readonly name: string;
  readonly objects: readonly SceneObject[];
}

interface Series {
  readonly seed: number;
  readonly count: number;
  readonly size: Size;
}

/**
 * COCO's file of annotations (cocodataset.org/#format-data), an entry a line: ids count from 1, categories are the
 * labels of the label maps, boxes are left, top, width and height in pixels.
 */
export function cocoText({ seed, count, size }: Series, scenes: readonly ListedScene[]): string {
  const { width, height } = size;
  const command = `lowformer scenes --count ${count} --seed ${seed} --size ${height}x${width}`;
  const images = scenes.map(({ name }, i) => ({ id: i + 1, file_name: name, width, height }));
  const annotations = scenes
    .flatMap(({ objects }, i) => objects.map((object) => ({ object, image_id: i + 1 })))
    .map(({ object: { classIndex, bbox, area }, image_id }, i) => ({
      id: i + 1,
      image_id,
      category_id: classIndex + 1,
      bbox,
      area,
      iscrowd: 0,
    }));
  const categories = SCENE_CLASSES.map((name, i) => ({ id: i + 1, name }));
  const list = (entries: readonly object[]) => `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]`;
  const info = JSON.stringify({ description: `Drawn by ${command}` });
  return `{"info": ${info},\n"images": ${list(images)},\n"annotations": ${list(annotations)},\n"categories": ${list(categories)}}\n`;
}
