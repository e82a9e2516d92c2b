/** YOLO's text format: `images/…/NAME.jpg`, `labels/…/NAME.txt` with a line `class cx cy width height` for each object. */
import { join } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import type { DetectionDataset, DetectionSample } from './dataset.js';
import { checkFolder, handful, listFiles, mapFew, readBytes, stem } from './files.js';
import { countedCategoryIds, type ObjectTable, objectTable } from './object_table.js';
import { picturesByStem, readPictureSize } from './picture_folder.js';
import { readYoloConfig } from './yolo_config.js';

export interface YoloFolders {
  readonly images: string;
  readonly labels: string;
  /** Names by class number. */
  readonly classes: readonly string[];
}

/** Beside the label files, and none of them. */
const CLASS_LIST = 'classes';

/** How far beyond the picture's edge rounded numbers may reach. */
const SLACK = 1e-3;

/**
 * A dataset by its `data.yaml`: `names`, and the folder of pictures under `val` (or another split). Labels lie where the
 * last folder `images` of that path is called `labels`.
 * @throws {LowformerError} `unreadable-file`, `invalid-argument`, as `readYoloFolders`.
 */
export async function readYolo(file: string, split: 'train' | 'val' | 'test' = 'val'): Promise<DetectionDataset> {
  return { ...(await readYoloFolders(await readYoloConfig(file, split))), name: file };
}

/**
 * Pictures and label files of the same name, folders below included; a picture without label file has no objects.
 * Numbers are shares of the picture as displayed: its size is read from its header, EXIF applied. Ids count from 1.
 * @throws {LowformerError} `unreadable-file` for a missing folder, label files without picture or none at all;
 *   `invalid-argument`, with file, line and value, for a wrong line, a number outside 0…1, a class without name.
 */
export async function readYoloFolders({ images, labels, classes }: YoloFolders): Promise<DetectionDataset> {
  const pictures = await picturesByStem(images);
  await checkFolder(labels, 'a folder of YOLO label files');
  const found = (await listFiles(labels, ['.txt'])).map((path) => stem(path, '.txt'));
  const labelled = new Set(found.filter((id) => id !== CLASS_LIST || pictures.has(id)));
  const alone = [...labelled].filter((id) => !pictures.has(id));
  if (labelled.size === 0 || alone.length > 0) {
    const expected = labelled.size === 0 ? 'label files NAME.txt' : `a picture in ${images} for every label file`;
    const hint = labelled.size === 0 ? 'There is none.' : `${alone.length} have none: ${handful(alone)}.`;
    throw new LowformerError({ code: 'unreadable-file', where: labels, expected, hint });
  }
  const entries = [...pictures];
  const categoryIds = countedCategoryIds(classes);
  const table = objectTable();
  const read = await mapFew(entries, async ([id, file]) => {
    const size = await readPictureSize(file);
    if (!labelled.has(id)) return { size, lines: [] };
    const labelFile = join(labels, `${id}.txt`);
    const text = new TextDecoder().decode(await readBytes(labelFile, 'a YOLO label file'));
    return { size, lines: parseYoloLabels(text, labelFile, classes.length) };
  });
  read.forEach(({ size, lines }, picture) => {
    for (const line of lines) addLine(table, line, picture, size, categoryIds);
  });
  const objectsOf = table.byPicture(entries.length);
  const samples = entries.map(([id, file], i): DetectionSample => {
    return {
      id,
      file,
      size: read[i]?.size,
      get objects() {
        return objectsOf(i);
      },
    };
  });
  return { kind: 'detection', name: labels, classes, categoryIds, countedIds: true, samples };
}

/** Shares of the picture's width and height. */
type YoloLine = readonly [classIndex: number, cx: number, cy: number, width: number, height: number];

/** @param file what errors call the text. @throws {LowformerError} `invalid-argument`, with line and value. */
export function parseYoloLabels(text: string, file: string, classes: number): readonly YoloLine[] {
  return text
    .split(/\r?\n/)
    .flatMap((line, i) => (line.trim() === '' ? [] : [parseLine(line, `${file}:${i + 1}`, classes)]));
}

function parseLine(line: string, where: string, classes: number): YoloLine {
  const words = line.trim().split(/\s+/);
  const [index = Number.NaN, cx = 0, cy = 0, width = 0, height = 0] = words.map(Number);
  if (words.length !== 5) {
    const outline = words.length > 6 && words.length % 2 === 1;
    const hint = outline ? 'Outlines are not read: convert them to boxes.' : undefined;
    throw wrongLine(where, "5 numbers 'class cx cy width height'", line.trim(), hint);
  }
  if (!Number.isInteger(index) || index < 0 || index >= classes) {
    throw wrongLine(where, `a class from 0 to ${classes - 1}`, words[0]);
  }
  const wrong = [cx, cy, width, height].findIndex((share) => !(share >= 0 && share <= 1 + SLACK));
  if (wrong >= 0) {
    const hint = 'Numbers are shares of the width and height, not pixels.';
    throw wrongLine(where, 'numbers from 0 to 1', words[wrong + 1], hint);
  }
  return [index, cx, cy, width, height];
}

function addLine(
  table: ObjectTable,
  [index, cx, cy, w, h]: YoloLine,
  picture: number,
  size: Size,
  categoryIds: DetectionDataset['categoryIds'],
): void {
  const categoryId = categoryIds[index];
  if (categoryId === undefined) return;
  const [width, height] = [w * size.width, h * size.height];
  const [x, y] = [cx * size.width - width / 2, cy * size.height - height / 2];
  const row = { picture, id: table.length + 1, categoryId, x, y, width, height };
  table.add({ ...row, area: width * height, crowd: false, difficult: false });
}

function wrongLine(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}
