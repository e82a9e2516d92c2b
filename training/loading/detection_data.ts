/** From a detection dataset to what is trained on. What is wrong with it is said before the first step. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { Size } from '../../core/frame.js';
import type { Notes } from '../../core/notes.js';
import { type ConfigClasses, mapCategories } from '../../data/class_check.js';
import type { DetectionDataset, GroundTruthObject } from '../../data/dataset.js';
import { mapFew } from '../../data/files.js';
import { readPictureSize } from '../../data/picture_folder.js';
import type { DetectionTrainingData } from './training_data.js';

/** mmdet's `filter_cfg`. */
export const filterSchema = z.strictObject({
  filter_empty_gt: z
    .boolean()
    .default(false)
    .describe('pictures without objects are left out; else they are background'),
  min_size: z.int().min(0).default(0).describe('of the shorter side: smaller pictures are left out'),
});
export type PictureFilter = z.output<typeof filterSchema>;

export interface DetectionDataOptions {
  readonly filter?: PictureFilter;
  /** Gets what is left out or odd, with counts. */
  readonly notes?: Notes;
  /** What to do about classes that one side alone has. */
  readonly advice?: string;
}

/**
 * As mmdet's `CocoDataset` and `XMLDataset` take it: boxes wholly outside the picture, with less than a pixel each way or
 * without area are left out; crowds and difficult objects are neither objects nor background; boxes over the border stay,
 * for the steps to cut. Each of these is noted. Classes are matched by name.
 * @throws {LowformerError} `invalid-argument` for classes that one side alone has, and where no picture or no object is
 *   left; `unreadable-image` for a picture whose size is nowhere said and cannot be read.
 */
export async function detectionTrainingData(
  dataset: DetectionDataset,
  config: ConfigClasses,
  { filter = { filter_empty_gt: false, min_size: 0 }, notes, advice }: DetectionDataOptions = {},
): Promise<DetectionTrainingData> {
  const { classIndexOf } = mapCategories(dataset, config, { advice, ...(notes === undefined ? {} : { notes }) });
  const sizes = await mapFew(dataset.samples, async ({ file, size }) => size ?? readPictureSize(file));
  const pictures = dataset.samples.flatMap(({ file, objects }, i) => {
    const size = sizes[i] ?? { width: 0, height: 0 };
    const known = objects.filter(({ categoryId }) => classIndexOf.has(categoryId));
    if (Math.min(size.width, size.height) < filter.min_size) {
      notes?.add(
        { kind: 'small-picture', where: dataset.name, message: SMALL },
        `${file} ${size.width}x${size.height}`,
      );
      return [];
    }
    if (known.length === 0) {
      const message = filter.filter_empty_gt ? EMPTY_LEFT_OUT : EMPTY;
      notes?.add({ kind: 'picture-without-objects', where: dataset.name, message }, file);
      if (filter.filter_empty_gt) return [];
    }
    const kept = known.filter((object) => {
      const odd = oddity(object, size);
      if (odd === undefined) return true;
      const example = `${file} (${size.width}x${size.height}) [${object.box.join(', ')}]`;
      notes?.add({ kind: odd.kind, where: dataset.name, message: odd.message }, example);
      return !odd.isLeftOut;
    });
    return [{ file, size, kept }];
  });
  const objects = pictures.flatMap(({ kept }) => kept);
  if (pictures.length === 0) throw nothing(dataset, 'a picture', filter);
  if (objects.every(({ crowd, difficult }) => crowd || difficult)) throw nothing(dataset, 'an object', filter);
  const data: DetectionTrainingData = {
    kind: 'detection',
    name: dataset.name,
    files: pictures.map(({ file }) => file),
    sizes: new Uint32Array(shared(8 * pictures.length)),
    offsets: new Uint32Array(shared(4 * (pictures.length + 1))),
    boxes: new Float32Array(shared(16 * objects.length)),
    labels: new Int32Array(shared(4 * objects.length)),
    ignored: new Uint8Array(shared(objects.length)),
  };
  pictures.forEach(({ size, kept }, i) => {
    data.sizes.set([size.width, size.height], 2 * i);
    data.offsets[i + 1] = (data.offsets[i] ?? 0) + kept.length;
  });
  objects.forEach(({ box: [x, y, width, height], categoryId, crowd, difficult }, i) => {
    data.boxes.set([x, y, x + width, y + height], 4 * i);
    data.labels[i] = classIndexOf.get(categoryId) ?? 0;
    data.ignored[i] = crowd || difficult ? 1 : 0;
  });
  return data;
}

const SMALL = 'Pictures with a side below min_size are left out';
const EMPTY = 'Pictures without objects are trained on as background';
const EMPTY_LEFT_OUT = 'Pictures without objects are left out (filter_empty_gt)';

/** What an object is left out for, or odd in; undefined where nothing is to be said. */
function oddity({ box, area, crowd, difficult }: GroundTruthObject, { width, height }: Size): Oddity | undefined {
  const [x, y, w, h] = box;
  if (w <= 0 || h <= 0) return ODDITIES.empty;
  if (Math.min(x + w, width) <= Math.max(x, 0) || Math.min(y + h, height) <= Math.max(y, 0)) return ODDITIES.outside;
  if (area <= 0 || w < 1 || h < 1) return ODDITIES.small;
  if (crowd || difficult) return ODDITIES.ignored;
  return x < -1 || y < -1 || x + w > width + 1 || y + h > height + 1 ? ODDITIES.border : undefined;
}

interface Oddity {
  readonly kind: string;
  readonly message: string;
  readonly isLeftOut: boolean;
}

const ODDITIES = {
  empty: { kind: 'box-without-size', message: 'Boxes without width or height are left out', isLeftOut: true },
  outside: { kind: 'box-outside', message: 'Boxes outside the picture are left out', isLeftOut: true },
  small: {
    kind: 'box-too-small',
    message: 'Boxes of less than one pixel each way, or without area, are left out',
    isLeftOut: true,
  },
  ignored: {
    kind: 'ignored-object',
    message: 'Crowds and difficult objects count neither as objects nor as background',
    isLeftOut: false,
  },
  border: { kind: 'box-over-border', message: 'Boxes reach over the border; the steps cut them', isLeftOut: false },
} as const satisfies Record<string, Oddity>;

function nothing({ name, samples }: DetectionDataset, what: string, filter: PictureFilter): LowformerError {
  const filtered = filter.filter_empty_gt || filter.min_size > 0 ? ` filter_cfg is ${JSON.stringify(filter)}.` : '';
  const hint = `Of ${samples.length} pictures nothing is left to train on.${filtered}`;
  return new LowformerError({
    code: 'invalid-argument',
    where: name,
    expected: `${what} to train on`,
    received: 'none',
    hint,
  });
}

function shared(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes);
}
