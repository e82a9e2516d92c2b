/** GeoJSON (RFC 7946) in pixels, y down: features of pictures, which their properties name. */
import { z } from 'zod';
import { boxAround } from '../geometry/box_around.js';
import type { Shape } from '../geometry/shape.js';
import type { DetectionAnnotations, XywhBox } from './dataset.js';
import {
  type NamedObject,
  type NamedObjectsOptions,
  type NamedObjectsPicture,
  type NamedPicture,
  namedObjects,
} from './named_objects.js';
import { readParsedJson } from './parsed_json.js';

const ring = z.array(z.tuple([z.number(), z.number()])).min(4);
const geometrySchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('Polygon'), coordinates: z.array(ring).min(1) }),
  z.looseObject({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(ring).min(1)).min(1) }),
]);
const whole = z.int();
const propertiesSchema = z.looseObject({
  file: z.string().min(1),
  width: z.number().positive().optional(),
  height: z.number().positive().optional(),
  image_id: z.union([whole, z.string()]).optional(),
  category: z.string().min(1).optional(),
  id: whole.optional(),
  area: z.number().min(0).optional(),
  iscrowd: z.literal([0, 1]).optional(),
  difficult: z.literal([0, 1]).optional(),
  outline: z.boolean().optional(),
});
const collectionSchema = z.looseObject({
  type: z.literal('FeatureCollection'),
  categories: z.array(z.object({ id: whole, name: z.string() })).optional(),
  features: z.array(z.looseObject({ geometry: geometrySchema.nullable(), properties: propertiesSchema })),
});
const EXPECTED = 'GeoJSON: a FeatureCollection of polygons in pixels, with file and category among the properties';

/**
 * As `detect --format geojson` writes it. A feature without geometry says that its picture has no objects; of polygons that are no upright
 * boxes, the boxes around them are taken, and noted.
 * @throws {LowformerError} `unreadable-file`; `invalid-argument`, with the feature, for what is no such file.
 */
export async function readGeojson(
  file: string,
  { classes, outlines, notes }: NamedObjectsOptions = {},
): Promise<DetectionAnnotations<NamedPicture>> {
  const { features, categories } = await readParsedJson(file, collectionSchema, EXPECTED);
  const pictures = new Map<string, NamedObjectsPicture & { objects: NamedObject[] }>();
  features.forEach(({ geometry, properties }, i) => {
    const where = `${file}: features[${i}]`;
    const { file: fileName, width, height, image_id: id, category = '' } = properties;
    const size = width === undefined || height === undefined ? undefined : { width, height };
    const picture = pictures.get(fileName) ?? { fileName, size, id, where, objects: [] };
    pictures.set(fileName, picture);
    if (geometry === null) return;
    const rings = geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat();
    const box = boxAround(rings.flat(2));
    const isOutline = properties.outline === true || !isBox(rings, box);
    const shape = isOutline && outlines === 'kept' ? shapeOf(geometry) : undefined;
    if (!isBox(rings, box) && shape === undefined) {
      const message = 'Polygons that are no upright boxes: the boxes around them are taken';
      notes?.add({ kind: 'outline', where: file, message }, where);
    }
    const { area, iscrowd, difficult, id: own } = properties;
    const marks = { crowd: iscrowd === 1, difficult: difficult === 1 };
    picture.objects.push({ category, box, shape, area, ...marks, id: own, where });
  });
  const own = categories && { names: categories.map(({ name }) => name), ids: categories.map((one) => one.id) };
  return namedObjects(file, [...pictures.values()], own, { classes, notes });
}

/** Rings without the corner that closes them. */
function shapeOf(geometry: z.output<typeof geometrySchema>): Shape {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const polygons = parts.map((rings) => {
    const [outer = [], ...holes] = rings.map((one) => one.slice(0, -1).flat());
    return { outer, holes };
  });
  return { kind: 'polygons', polygons };
}

function isBox(rings: readonly (readonly (readonly [number, number])[])[], [x, y, w, h]: XywhBox): boolean {
  const [only, ...more] = rings;
  if (only === undefined || more.length > 0 || only.length !== 5) return false;
  return only.every(([px, py]) => (px === x || px === x + w) && (py === y || py === y + h));
}
