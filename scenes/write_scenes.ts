import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Size } from '../core/frame.js';
import { BLACK, classPalette } from '../drawing/palette.js';
import { said } from '../files/atomic_write.js';
import { writeWholeFolder } from '../files/whole_folder.js';
import { encodePng } from '../images/encode_png.js';
import { cocoText, type ListedScene } from './coco_text.js';
import { drawScene, type SceneObject } from './scene.js';
import { SCENE_CLASSES, SCENE_LABELS } from './shapes/index.js';

/** A series of pictures. */
export interface SceneSeries {
  /** Equal seeds give equal pictures. */
  readonly seed: number;
  readonly count: number;
  readonly size: Size;
}

export interface WriteScenesOptions {
  /** Told of every picture that is written. */
  readonly onScene?: ((file: string, objects: readonly SceneObject[]) => void) | undefined;
  /** When it aborts, `writeScenes` throws its reason and leaves nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** Colours of the label maps: the background black, classes as in drawn detections. */
const PALETTE = [BLACK, ...classPalette(SCENE_CLASSES.length)];

/**
 * Writes a data set: `images/000000.png`…, `annotations.json` (COCO: the boxes of what is seen, their areas in pixels),
 * `labels/000000.png`… (8 bits, pixel = class, 0 the background) and `label_names.txt`, whose line n names label n.
 * The folder is new or empty, and filled whole or not at all.
 * @throws {LowformerError} `unwritable-file`.
 */
export async function writeScenes(
  folder: string,
  { seed, count, size }: SceneSeries,
  { onScene, signal }: WriteScenesOptions = {},
): Promise<void> {
  await writeWholeFolder(folder, async (inside) => {
    const places = { images: join(inside, 'images'), labels: join(inside, 'labels') };
    await said(folder, async () => {
      await mkdir(places.images);
      await mkdir(places.labels);
    });
    const listed: ListedScene[] = [];
    // One picture is compressed and written, on other threads, while the next one is drawn.
    let writing = Promise.resolve();
    try {
      for (let picture = 0; picture < count; picture++) {
        const { image, labels, objects } = drawScene(seed, picture, size);
        const name = `${String(picture).padStart(6, '0')}.png`;
        await writing;
        signal?.throwIfAborted();
        writing = said(folder, async () => {
          await writeFile(join(places.images, name), await encodePng(image));
          const indices = Uint8Array.from(labels.labels);
          await writeFile(join(places.labels, name), await encodePng({ ...size, data: indices, palette: PALETTE }));
          onScene?.(name, objects);
        });
        // Awaited in the next round; that it may fail before is no fault of its own.
        writing.catch(() => {});
        listed.push({ name, objects });
      }
    } finally {
      await writing.catch(() => {});
    }
    await writing;
    signal?.throwIfAborted();
    await said(folder, async () => {
      await writeFile(join(inside, 'label_names.txt'), `${SCENE_LABELS.join('\n')}\n`);
      await writeFile(join(inside, 'annotations.json'), cocoText({ seed, count, size }, listed));
    });
  });
}
