/** Label Studio's JSON (labelstud.io/guide/export, `JSON`): a task a picture, its regions in percent. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { boxAround } from '../geometry/box_around.js';
import { unpackBrush } from '../geometry/brush_mask.js';
import { pixelRuns } from '../geometry/row_runs.js';
import { type Shape, shapeBox } from '../geometry/shape.js';
import type { DetectionAnnotations, XywhBox } from './dataset.js';
import { type NamedObject, type NamedObjectsOptions, type NamedPicture, namedObjects } from './named_objects.js';
import { nearPixels } from './near_pixels.js';
import { readParsedJson } from './parsed_json.js';

const regionSchema = z.looseObject({
  type: z.string(),
  original_width: z.number().positive().optional(),
  original_height: z.number().positive().optional(),
  value: z.looseObject({
    x: z.number().optional(),
    y: z.number().optional(),
    width: z.number().optional(),
    height: z.number().optional(),
    rotation: z.number().optional(),
    points: z.array(z.tuple([z.number(), z.number()])).optional(),
    rectanglelabels: z.array(z.string()).optional(),
    polygonlabels: z.array(z.string()).optional(),
    brushlabels: z.array(z.string()).optional(),
    /** Of a brush. */
    rle: z.array(z.int().min(0).max(255)).optional(),
  }),
});
type Region = z.output<typeof regionSchema>;
const workSchema = z.looseObject({ result: z.array(regionSchema), was_cancelled: z.boolean().optional() });
const tasksSchema = z.array(
  z.looseObject({
    data: z.looseObject({
      width: z.number().positive().optional(),
      height: z.number().positive().optional(),
      id: z.int().optional(),
    }),
    annotations: z.array(workSchema).optional(),
    predictions: z.array(workSchema).optional(),
  }),
);
const EXPECTED = "Label Studio's JSON: a list of tasks with data and annotations";

/**
 * Annotations of people; tasks that have none and are not cancelled have no objects. Predictions are not taken for truth. The picture is the
 * only text among a task's data that names one, or the one called `image`.
 * @throws {LowformerError} `unreadable-file`; `invalid-argument`, with task and region, for what is no such file, for a task that two
 *   people have annotated, a region without size.
 */
export async function readLabelStudio(
  file: string,
  { classes, outlines, notes }: NamedObjectsOptions = {},
): Promise<DetectionAnnotations<NamedPicture>> {
  const tasks = await readParsedJson(file, tasksSchema, EXPECTED);
  const pictures = tasks.map(({ data, annotations = [], predictions = [] }, i) => {
    const where = `${file}: [${i}]`;
    const done = annotations.filter(({ was_cancelled }) => was_cancelled !== true);
    if (done.length > 1) throw wrong(`${where}.annotations`, 'one annotation a task', done.length, TWO);
    if (done.length === 0 && predictions.length > 0) {
      const message = 'Tasks have predictions alone, which nobody has confirmed: they count as without objects';
      notes?.add({ kind: 'unconfirmed', where: file, message }, where);
    }
    const regions = done[0]?.result ?? [];
    const [sized] = regions;
    const [width, height] = [sized?.original_width ?? data.width, sized?.original_height ?? data.height];
    const size = width === undefined || height === undefined ? undefined : { width, height };
    const objects = regions.flatMap((region, k): readonly NamedObject[] => {
      const place = `${where}.annotations[0].result[${k}]`;
      const { rectanglelabels, polygonlabels, brushlabels } = region.value;
      const labels = rectanglelabels ?? polygonlabels ?? brushlabels;
      const [category, second] = labels ?? [];
      if (category === undefined) {
        const message = 'Regions that are no boxes, polygons or brush masks with a label are left out';
        notes?.add({ kind: 'no-area', where: file, message }, `${place} ${region.type}`);
        return [];
      }
      if (second !== undefined) throw wrong(place, 'one label a region', labels);
      const masked = brushlabels === undefined ? undefined : brushOf(region, size, place);
      if (masked !== undefined) {
        const box = shapeBox(masked);
        if (box === undefined) {
          notes?.add({ kind: 'empty-mask', where: file, message: 'Masks without a pixel are left out' }, place);
          return [];
        }
        if (outlines === 'kept') return [{ category, box, where: place, shape: masked }];
        notes?.add({ kind: 'outline', where: file, message: BOXES }, place);
        return [{ category, box, where: place }];
      }
      const corners = cornersOf(region, place);
      const kept = outlines === 'kept' && corners !== undefined && corners.length > 4;
      if (corners !== undefined && !kept) {
        notes?.add({ kind: 'outline', where: file, message: BOXES }, place);
      }
      const own = { category, box: boxOf(region, place), where: place };
      return [kept ? { ...own, shape: { kind: 'polygons', polygons: [{ outer: corners, holes: [] }] } } : own];
    });
    return { fileName: pictureOf(data, where), id: data.id, size, objects, where };
  });
  return namedObjects(file, pictures, undefined, { classes, notes });
}

const TWO = 'Several people have annotated it, and nothing says whose work counts: remove the others.';

const BOXES = 'Regions that are no upright boxes: the boxes around them are taken';

/** Pixels that are not quite transparent, as label_studio_sdk's converter to COCO takes them. */
function brushOf(
  { value: { rle }, original_width: width, original_height: height }: Region,
  picture: Size | undefined,
  where: string,
): Shape {
  if (rle === undefined) throw wrong(`${where}.value.rle`, 'the bytes of a brush mask', 'none');
  if (width === undefined || height === undefined || picture?.width !== width || picture.height !== height) {
    throw wrong(where, 'original_width and original_height, the same of all regions of a picture', [width, height]);
  }
  try {
    const inside = unpackBrush(rle, width * height).map((alpha) => (alpha > 0 ? 1 : 0));
    return { kind: 'runs', runs: pixelRuns(inside, { width, height }, [0, 0, width, height]), size: { width, height } };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw wrong(
      `${where}.value.rle`,
      `a brush mask of ${width}x${height} pixels`,
      `${rle.length} bytes: ${error.message}`,
    );
  }
}

/** Pixels in a percent. */
function scaleOf({ original_width, original_height }: Region, where: string): readonly [x: number, y: number] {
  if (original_width !== undefined && original_height !== undefined)
    return [original_width / 100, original_height / 100];
  throw wrong(where, 'original_width and original_height, of which numbers are percent', 'none');
}

/** Of a polygon or a turned box, x1, y1, x2, y2, … in pixels; undefined for an upright box. */
function cornersOf(region: Region, where: string): readonly number[] | undefined {
  const { rotation = 0, points } = region.value;
  const [sx, sy] = scaleOf(region, where);
  if (points !== undefined) return points.flatMap(([px, py]) => [nearPixels(px * sx), nearPixels(py * sy)]);
  if (rotation === 0) return undefined;
  const [left, top, w, h] = unturned(region, where);
  // Turned about its upper left corner.
  const angle = (rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const corner = (dx: number, dy: number) => [left + dx * cos - dy * sin, top + dx * sin + dy * cos] as const;
  return [...corner(0, 0), ...corner(w, 0), ...corner(w, h), ...corner(0, h)];
}

function boxOf(region: Region, where: string): XywhBox {
  const corners = cornersOf(region, where);
  return corners === undefined ? unturned(region, where) : boxAround(corners);
}

function unturned(region: Region, where: string): XywhBox {
  const [sx, sy] = scaleOf(region, where);
  const { x, y, width, height } = region.value;
  if (x === undefined || y === undefined || width === undefined || height === undefined) {
    throw wrong(`${where}.value`, 'x, y, width and height', 'less');
  }
  return [x * sx, y * sy, width * sx, height * sy];
}

const PICTURE = /\.(jpe?g|png|webp|bmp|tiff?|gif|avif)$/i;

/** A name in a folder: of `/data/local-files/?d=day1/a.jpg` what stands behind `d=`, of other addresses the last part. */
function pictureOf(data: Readonly<Record<string, unknown>>, where: string): string {
  const texts = Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const named = texts.filter(
    ([key, text]) => key === 'image' || PICTURE.test(text.split('?')[0] ?? '') || /\?d=/.test(text),
  );
  const [, text] = named.find(([key]) => key === 'image') ?? named[0] ?? [];
  if (text === undefined) throw wrong(`${where}.data`, 'the picture, as "image"', Object.keys(data).join(', '));
  const local = /[?&]d=([^&]*)/.exec(text)?.[1];
  if (local !== undefined) return decodeURIComponent(local);
  if (!/^([a-z][a-z\d+.-]*:)?\//i.test(text)) return text;
  const path = text.split(/[?#]/)[0] ?? text;
  return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
}

function wrong(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}
