/** LabelMe's JSON (github.com/wkentaro/labelme): a file for each picture, shapes by their corners in pixels. */
import { join } from 'node:path';
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { boxAround } from '../geometry/box_around.js';
import type { DetectionAnnotations, XywhBox } from './dataset.js';
import { checkFolder, listFiles, mapFew, pathKind, stem } from './files.js';
import { type NamedObject, type NamedObjectsOptions, type NamedPicture, namedObjects } from './named_objects.js';
import { objectsOfParts } from './object_parts.js';
import { readParsedJson } from './parsed_json.js';
import { readYoloNames } from './yolo_config.js';

const shapeSchema = z.looseObject({
  label: z.string().min(1),
  points: z.array(z.tuple([z.number(), z.number()])).min(1),
  shape_type: z.string().default('polygon'),
  group_id: z.union([z.int(), z.string()]).nullish(),
  difficult: z.boolean().optional(),
});
type LabelmeShape = z.output<typeof shapeSchema>;
const fileSchema = z.looseObject({
  shapes: z.array(shapeSchema),
  imagePath: z.string(),
  imageWidth: z.int().positive().nullish(),
  imageHeight: z.int().positive().nullish(),
});
const EXPECTED = "LabelMe's JSON of a picture: shapes, imagePath";

/**
 * A folder of them, folders below included. A picture is called as its file of shapes is, with the ending of its `imagePath`. Classes
 * are those that `labels.txt` lists in the folder, else those of the shapes, sorted.
 * @throws {LowformerError} `unreadable-file`; `invalid-argument`, with file and shape, for what is no such file.
 */
export async function readLabelme(
  folder: string,
  { classes, outlines, notes }: NamedObjectsOptions = {},
): Promise<DetectionAnnotations<NamedPicture>> {
  await checkFolder(folder, "a folder of LabelMe's JSON");
  const paths = await listFiles(folder, ['.json']);
  if (paths.length === 0) {
    const hint = 'Nothing in it is named *.json.';
    throw new LowformerError({ code: 'unreadable-file', where: folder, expected: "a folder of LabelMe's JSON", hint });
  }
  const pictures = await mapFew(paths, async (path) => {
    const file = join(folder, path);
    const { shapes, imagePath, imageWidth, imageHeight } = await readParsedJson(file, fileSchema, EXPECTED);
    const ending = /\.[^./\\]*$/.exec(imagePath)?.[0] ?? '';
    const size = imageWidth == null || imageHeight == null ? undefined : { width: imageWidth, height: imageHeight };
    const objects = objectsOfParts(shapes, partKey).flatMap(({ parts, first: i }): readonly NamedObject[] => {
      const [shape] = parts;
      const where = `${file}: shapes[${i}]`;
      const box = parts.length > 1 ? boxAround(parts.flatMap(({ points }) => points.flat())) : boxOf(shape);
      const polygons = parts.filter(isPolygon).map(({ points }) => ({ outer: points.flat(), holes: [] }));
      const kept = outlines === 'kept' && polygons.length > 0;
      if (box === undefined) {
        const message = 'Shapes without area (points, lines) are left out';
        notes?.add({ kind: 'no-area', where: folder, message }, where);
        return [];
      }
      if (shape.shape_type !== 'rectangle' && !kept) {
        const message = 'Shapes that are no rectangles: the boxes around them are taken';
        notes?.add({ kind: 'outline', where: folder, message }, where);
      }
      const own = { category: shape.label, box, difficult: parts.some(({ difficult }) => difficult === true), where };
      return [kept ? { ...own, shape: { kind: 'polygons', polygons } } : own];
    });
    return { fileName: stem(path, '.json') + ending, id: stem(path, '.json'), size, objects, where: file };
  });
  const list = join(folder, 'labels.txt');
  const names = (await pathKind(list)) === 'file' ? await readYoloNames(list) : undefined;
  // LabelMe's own lists begin so.
  const listed = names?.filter((name) => name !== '__ignore__' && name !== '_background_');
  return namedObjects(folder, pictures, listed === undefined ? undefined : { names: listed }, { classes, notes });
}

/** Polygons of one label and group are one object, as they are to LabelMe's own converter (labelme2coco). */
function partKey({ label, group_id, ...shape }: LabelmeShape): string | undefined {
  return group_id == null || !isPolygon(shape) ? undefined : JSON.stringify([label, group_id]);
}

function isPolygon({ shape_type, points }: Pick<LabelmeShape, 'shape_type' | 'points'>): boolean {
  return shape_type === 'polygon' && points.length > 2;
}

/** Around all points; of a circle, given by its centre and a point of it, around the circle. */
function boxOf({ points, shape_type }: LabelmeShape): XywhBox | undefined {
  if (['point', 'line', 'linestrip', 'points'].includes(shape_type)) return undefined;
  const [centre, edge] = points;
  if (shape_type === 'circle' && centre !== undefined && edge !== undefined) {
    const radius = Math.hypot(edge[0] - centre[0], edge[1] - centre[1]);
    return [centre[0] - radius, centre[1] - radius, 2 * radius, 2 * radius];
  }
  return points.length < 2 ? undefined : boxAround(points.flat());
}
