/** YOLO's text format: `images/…/NAME.jpg`, `labels/…/NAME.txt` with a line `class cx cy width height` for each object. */
import { join } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { collectMistakes } from '../core/mistakes.js';
import type { Notes } from '../core/notes.js';
import { type Shape, shapeArea } from '../geometry/shape.js';
import type { DetectionDataset, DetectionSample } from './dataset.js';
import { checkFolder, handful, listFiles, readBytes, settleFew, stem } from './files.js';
import { nearPixels } from './near_pixels.js';
import { countedCategoryIds, objectTable } from './object_table.js';
import { picturesByStem, readPictureSize } from './picture_folder.js';
import { readYoloConfig, type YoloSplit } from './yolo_config.js';
import { parseYoloLabels, YOLO_NOTES, type YoloOddity } from './yolo_lines.js';
import { listedPictures, type YoloPair } from './yolo_list.js';

export interface YoloOptions {
  /** Where oddities that are taken all the same are noted. */
  readonly notes?: Notes | undefined;
  /** Lines have keypoints behind the box. */
  readonly keypoints?: boolean;
  /** Outlines are kept as the objects' `shape`; by default the boxes around them stand for them. */
  readonly outlines?: 'kept' | undefined;
}

export interface YoloFolders {
  readonly images: string;
  readonly labels: string;
  /** Names by class number. */
  readonly classes: readonly string[];
}

/** Beside the label files, and none of them. */
const CLASS_LIST = 'classes';

/**
 * A dataset by its `data.yaml`, or Darknet's `.data`: names, and the pictures of a split, as a folder, a list of pictures
 * in a text file, or several of these. Labels lie where the last folder `images` of a path is called `labels`.
 * @param images the folder of the pictures, where they are elsewhere than the file says.
 * @throws {LowformerError} `unreadable-file`, `invalid-argument`, as `readYoloFolders`.
 */
export async function readYolo(
  file: string,
  {
    split = 'val',
    images,
    ...options
  }: YoloOptions & { readonly split?: YoloSplit; readonly images?: string | undefined } = {},
): Promise<DetectionDataset> {
  const { classes, keypoints, sources } = await readYoloConfig(file, split, images);
  const pairs: YoloPair[] = [];
  for (const source of sources) {
    pairs.push(...(source.kind === 'folder' ? await pairsIn(source) : await listedPictures(source, images)));
  }
  return readYoloPairs(pairs, classes, file, { ...options, keypoints });
}

/**
 * Pictures and label files of the same name, folders below included; a picture without label file has no objects.
 * Numbers are shares of the picture as displayed: its size is read from its header, EXIF applied. Ids count from 1.
 * @throws {LowformerError} `unreadable-file` for a missing folder, label files without picture or none at all;
 *   `invalid-argument`, with file, line and value, for a wrong line, a number outside 0…1, a class without name.
 */
export async function readYoloFolders(folders: YoloFolders, options: YoloOptions = {}): Promise<DetectionDataset> {
  return readYoloPairs(await pairsIn(folders), folders.classes, folders.labels, options);
}

async function pairsIn({ images, labels }: Pick<YoloFolders, 'images' | 'labels'>): Promise<readonly YoloPair[]> {
  const pictures = await picturesByStem(images);
  await checkFolder(labels, 'a folder of YOLO label files');
  const found = (await listFiles(labels, ['.txt'])).map((path) => [stem(path, '.txt'), path] as const);
  const labelled = new Map(found.filter(([id]) => id !== CLASS_LIST || pictures.has(id)));
  const alone = [...labelled.keys()].filter((id) => !pictures.has(id));
  if (labelled.size === 0 || alone.length > 0) {
    const expected = labelled.size === 0 ? 'label files NAME.txt' : `a picture in ${images} for every label file`;
    const hint = labelled.size === 0 ? 'There is none.' : `${alone.length} have none: ${handful(alone)}.`;
    throw new LowformerError({ code: 'unreadable-file', where: labels, expected, hint });
  }
  return [...pictures].map(([id, file]) => {
    const path = labelled.get(id);
    return { id, file, labelFile: path === undefined ? undefined : join(labels, path) };
  });
}

/** Shares as pixels. */
function pixelsOf(outline: readonly number[], { width, height }: Size): Shape {
  const outer = outline.map((share, i) => nearPixels(share * (i % 2 === 0 ? width : height)));
  return { kind: 'polygons', polygons: [{ outer, holes: [] }] };
}

type Lines = ReturnType<typeof parseYoloLabels>;
type Odd = readonly [kind: YoloOddity, place: string];

async function readYoloPairs(
  pairs: readonly YoloPair[],
  classes: readonly string[],
  name: string,
  { notes, keypoints = false, outlines }: YoloOptions,
): Promise<DetectionDataset> {
  const mistakes = collectMistakes();
  const add = (kind: YoloOddity, place: string) => notes?.add({ kind, where: name, message: YOLO_NOTES[kind] }, place);
  const texts = async ({ id, file, labelFile }: YoloPair) => {
    const size = await readPictureSize(file);
    // A picture without objects needs no file.
    const bytes = labelFile === undefined ? undefined : await readBytes(labelFile, 'a YOLO label file');
    return { id, size, labelFile: labelFile ?? '', text: new TextDecoder().decode(bytes) };
  };
  const read: { readonly size: Size; readonly lines: Lines; readonly odd: readonly Odd[] }[] = [];
  // Lines are read in the order of the files, so that mistakes come in it.
  for await (const outcome of settleFew(pairs, texts)) {
    if (outcome.status === 'rejected') throw outcome.reason;
    const { id, size, labelFile, text } = outcome.value;
    const odd: Odd[] = [];
    const note = (kind: YoloOddity, line: number) => void odd.push([kind, `${id}.txt:${line}`]);
    const lines = parseYoloLabels(text, labelFile, { classes: classes.length, keypoints, outlines, note, mistakes });
    read.push({ size, lines, odd });
  }
  mistakes.check();
  for (const { odd } of read) for (const [kind, place] of odd) add(kind, place);
  const categoryIds = countedCategoryIds(classes);
  const table = objectTable();
  read.forEach(({ size, lines }, picture) => {
    for (const { box, outline } of lines) {
      const [index, cx, cy, w, h] = box;
      const categoryId = categoryIds[index];
      if (categoryId === undefined) continue;
      const [width, height] = [w * size.width, h * size.height];
      const [x, y] = [cx * size.width - width / 2, cy * size.height - height / 2];
      const row = { picture, id: table.length + 1, categoryId, x, y, width, height };
      const shape = outline === undefined ? undefined : pixelsOf(outline, size);
      const area = shape === undefined ? width * height : shapeArea(shape);
      table.add({ ...row, area, crowd: false, difficult: false, outline: shape && (() => shape) });
    }
  });
  const objectsOf = table.byPicture(pairs.length);
  const samples = pairs.map(({ id, file }, i): DetectionSample => {
    return {
      id,
      file,
      size: read[i]?.size,
      get objects() {
        return objectsOf(i);
      },
    };
  });
  return { kind: 'detection', name, classes, categoryIds, countedIds: true, samples };
}
