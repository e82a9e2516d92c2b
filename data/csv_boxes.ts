/** Rows of boxes under the columns `filename,width,height,class,xmin,ymin,xmax,ymax`, as TensorFlow's and Roboflow's CSV has them. */
import { LowformerError } from '../core/errors.js';
import type { DetectionAnnotations } from './dataset.js';
import {
  type NamedObject,
  type NamedObjectsOptions,
  type NamedObjectsPicture,
  type NamedPicture,
  namedObjects,
  type OwnClasses,
} from './named_objects.js';
import { readUtf8 } from './utf8_text.js';

const COLUMNS = ['filename', 'class', 'xmin', 'ymin', 'xmax', 'ymax'] as const;
const EXPECTED = `CSV with a row of names that has ${COLUMNS.join(', ')}`;

type Row = ReadonlyMap<string, string>;

/**
 * Pixels from 0. Further columns that are read: `width`, `height`, `category_id`, `image_id`, `id`, `area`, `iscrowd`, `difficult`; others are
 * passed over. A row without class and box says that its picture has no objects.
 * @throws {LowformerError} `unreadable-file`; `invalid-argument`, with line and column, for what is no such file.
 */
export async function readCsvBoxes(
  file: string,
  { classes, notes }: NamedObjectsOptions = {},
): Promise<DetectionAnnotations<NamedPicture>> {
  const text = await readUtf8(file, EXPECTED);
  const [head = [], ...rows] = [...csvRows(text, file)];
  const columns = head.map((name) => name.trim());
  const missing = COLUMNS.filter((name) => !columns.includes(name));
  if (missing.length > 0) throw wrong(`${file}:1`, EXPECTED, columns.join(','));
  const pictures = new Map<string, NamedObjectsPicture & { objects: NamedObject[] }>();
  const categories = new Map<string, number>();
  rows.forEach((values, i) => {
    const where = `${file}: row ${i + 2}`;
    if (values.length !== columns.length) throw wrong(where, `${columns.length} values`, values.length);
    const row: Row = new Map(columns.map((name, k) => [name, values[k] ?? '']));
    const fileName = row.get('filename') ?? '';
    if (fileName === '') throw wrong(`${where}: filename`, 'the name of a picture', fileName);
    const picture = pictures.get(fileName) ?? { ...pictureOf(row, fileName, where), objects: [] };
    pictures.set(fileName, picture);
    const object = objectOf(row, where);
    if (object === undefined) return;
    picture.objects.push(object);
    const id = optional(row, 'category_id', where);
    if (id === undefined) return;
    const known = categories.get(object.category) ?? id;
    if (known !== id) throw wrong(`${where}: category_id`, `${known}, as in other rows of ${object.category},`, id);
    categories.set(object.category, id);
  });
  return namedObjects(file, [...pictures.values()], ownClasses([...pictures.values()], categories), { classes, notes });
}

/** By their ids, where every class has one. */
function ownClasses(
  pictures: readonly NamedObjectsPicture[],
  categories: ReadonlyMap<string, number>,
): OwnClasses | undefined {
  const all = pictures.every(({ objects }) => objects.every(({ category }) => categories.has(category)));
  if (!all || categories.size === 0) return undefined;
  const sorted = [...categories].sort((a, b) => a[1] - b[1]);
  return { names: sorted.map(([name]) => name), ids: sorted.map(([, id]) => id) };
}

function pictureOf(row: Row, fileName: string, where: string) {
  const [width, height] = [optional(row, 'width', where), optional(row, 'height', where)];
  const size = width === undefined || height === undefined ? undefined : { width, height };
  const id = row.get('image_id') ?? '';
  return { fileName, size, id: id === '' ? undefined : wholeOr(id), where };
}

function wholeOr(text: string): number | bigint | string {
  if (!/^-?\d+$/.test(text)) return text;
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}

function objectOf(row: Row, where: string): NamedObject | undefined {
  const category = row.get('class') ?? '';
  const corners = ['xmin', 'ymin', 'xmax', 'ymax'].map((key) => optional(row, key, where));
  if (category === '' && corners.every((value) => value === undefined)) return undefined;
  const [left, top, right, bottom] = corners;
  if (category === '') throw wrong(`${where}: class`, 'the name of a class', category);
  if (left === undefined || top === undefined || right === undefined || bottom === undefined) {
    throw wrong(`${where}: xmin`, 'xmin, ymin, xmax and ymax', 'less');
  }
  const id = wholeOr(row.get('id') ?? '');
  return {
    category,
    box: [left, top, right - left, bottom - top],
    area: optional(row, 'area', where),
    crowd: optional(row, 'iscrowd', where) === 1,
    difficult: optional(row, 'difficult', where) === 1,
    id: typeof id === 'string' ? undefined : id,
    where,
  };
}

function optional(row: Row, key: string, where: string): number | undefined {
  const text = (row.get(key) ?? '').trim();
  if (text === '') return undefined;
  if (Number.isFinite(Number(text))) return Number(text);
  throw wrong(`${where}: ${key}`, 'a finite number', text);
}

/** RFC 4180. @throws {LowformerError} for a quote that does not end. */
function* csvRows(text: string, file: string): Generator<readonly string[]> {
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const start = field.lastIndex;
    const found = field.exec(text);
    if (found === null) {
      const line = text.slice(0, start).split('\n').length;
      throw wrong(
        `${file}:${line}`,
        'values between commas, in quotes where they have quotes',
        text.slice(start, start + 40),
      );
    }
    const [, value = '', end] = found;
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === ',' && field.lastIndex < text.length) continue;
    if (end === ',') row.push('');
    if (row.length > 1 || row[0] !== '') yield row;
    row = [];
  }
}

function wrong(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}
