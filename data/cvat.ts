/** CVAT's own XML, "CVAT for images 1.1" (docs.cvat.ai: XML annotation format): `<image>`s of `<box>`es and `<polygon>`s. */
import type { Element } from '@xmldom/xmldom';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { boxAround } from '../geometry/box_around.js';
import type { MaskRuns } from '../geometry/mask_runs.js';
import { pixelRuns, pixelsOf } from '../geometry/row_runs.js';
import { type Shape, shapeBox } from '../geometry/shape.js';
import type { DetectionAnnotations, XywhBox } from './dataset.js';
import { readBytes } from './files.js';
import { type NamedObject, type NamedObjectsOptions, type NamedPicture, namedObjects } from './named_objects.js';
import { objectsOfParts } from './object_parts.js';
import { childElements, parseXml } from './xml_elements.js';
import { decodeXml } from './xml_text.js';

const EXPECTED = "CVAT's XML for images: <annotations> with <image>s";

/**
 * Classes are the task's labels in their order. `difficult` and `is_crowd` are read from attributes of those names. Skeletons, points,
 * lines and tags are left out, of other shapes the boxes around them are taken, both noted.
 * @throws {LowformerError} `unreadable-file` for no XML; `invalid-argument`, with picture and shape, for what is no such file.
 */
export async function readCvat(
  file: string,
  { classes, outlines, notes }: NamedObjectsOptions = {},
): Promise<DetectionAnnotations<NamedPicture>> {
  const note = (kind: keyof typeof NOTES, place?: string) =>
    notes?.add({ kind, where: file, message: NOTES[kind] }, place);
  const text = decodeXml(await readBytes(file, EXPECTED), file, () => note('latin-1'));
  const root = parseXml(text, file, EXPECTED);
  if (root.nodeName !== 'annotations') throw wrong(file, EXPECTED, `<${root.nodeName}>`);
  if (childElements(root, 'track').length > 0) {
    throw wrong(file, EXPECTED, '<track>', 'Export the task as "CVAT for images 1.1": tracks are of videos.');
  }
  const pictures = childElements(root, 'image').map((image, i) => {
    const where = `${file}: image[${i}]`;
    const fileName = attribute(image, 'name', where);
    const id = image.getAttribute('id');
    const [width, height] = ['width', 'height'].map((key) => number(image, key, where));
    const size = width === undefined || height === undefined || width * height === 0 ? undefined : { width, height };
    const shapes = elements(image);
    const objects = objectsOfParts(shapes, partKey).flatMap(({ parts, first: k }): readonly NamedObject[] => {
      const [shape] = parts;
      const place = `${where}.${shape.nodeName}[${k}]`;
      const known = outlines === 'kept' || parts.length > 1 ? shapeOf(parts, size, place) : undefined;
      const box = parts.length > 1 && known !== undefined ? shapeBox(known) : boxOf(shape, place);
      if (box === undefined) {
        note('no-area', place);
        return [];
      }
      const kept = outlines === 'kept' ? known : undefined;
      if (kept === undefined && (shape.nodeName !== 'box' || rotationOf(shape) !== 0)) note('outline', place);
      const marks = new Set(
        parts
          .flatMap((one) => childElements(one, 'attribute'))
          .filter(({ textContent }) => ['true', '1'].includes((textContent ?? '').trim().toLowerCase()))
          .map((one) => one.getAttribute('name')),
      );
      const category = attribute(shape, 'label', place);
      const own = { category, box, crowd: marks.has('is_crowd'), difficult: marks.has('difficult'), where: place };
      return [kept === undefined ? own : { ...own, shape: kept }];
    });
    return { fileName, id: id !== null && /^\d{1,15}$/.test(id) ? Number(id) : undefined, size, objects, where };
  });
  const labels = [...root.getElementsByTagName('label')].flatMap((label) => childElements(label, 'name').slice(0, 1));
  const names = labels.map(({ textContent }) => (textContent ?? '').trim());
  return namedObjects(file, pictures, names.length === 0 ? undefined : { names }, { classes, notes });
}

const NOTES = {
  'latin-1': 'Files are no UTF-8, and read as Latin-1',
  'no-area': 'Shapes without area (points, lines, tags, skeletons) are left out',
  outline: 'Shapes that are no upright boxes: the boxes around them are taken',
} as const;

function boxOf(shape: Element, where: string): XywhBox | undefined {
  const all = (...keys: readonly string[]) => keys.map((key) => number(shape, key, where));
  switch (shape.nodeName) {
    case 'box': {
      const [left = 0, top = 0, right = 0, bottom = 0] = all('xtl', 'ytl', 'xbr', 'ybr');
      return turned([left, top, right - left, bottom - top], rotationOf(shape));
    }
    case 'polygon':
      return boxAround(pointsOf(shape, where).flat());
    case 'ellipse': {
      const [cx = 0, cy = 0, rx = 0, ry = 0] = all('cx', 'cy', 'rx', 'ry');
      return turned([cx - rx, cy - ry, 2 * rx, 2 * ry], rotationOf(shape));
    }
    case 'mask': {
      const [left = 0, top = 0, width = 0, height = 0] = all('left', 'top', 'width', 'height');
      return [left, top, width, height];
    }
    default:
      return undefined;
  }
}

/** In radians, clockwise. */
function rotationOf(shape: Element): number {
  return (Number(shape.getAttribute('rotation') ?? 0) * Math.PI) / 180;
}

/** Polygons of one label and group are one object, as in CVAT's own exports. */
function partKey(shape: Element): string | undefined {
  const group = Number(shape.getAttribute('group_id') ?? 0);
  if (shape.nodeName !== 'polygon' || group === 0) return undefined;
  return JSON.stringify([shape.getAttribute('label'), group]);
}

/** Undefined for an upright box, and for an ellipse, which no format of outlines has. */
function shapeOf(parts: readonly [Element, ...Element[]], size: Size | undefined, where: string): Shape | undefined {
  const [shape] = parts;
  if (shape.nodeName === 'polygon') {
    const polygons = parts.map((part) => ({ outer: pointsOf(part, where).flat(), holes: [] }));
    const short = polygons.find(({ outer }) => outer.length < 6);
    if (short !== undefined) throw wrong(`${where}.points`, 'three corners or more', short.outer);
    return { kind: 'polygons', polygons };
  }
  if (shape.nodeName === 'mask' && size !== undefined)
    return { kind: 'runs', runs: maskRuns(shape, size, where), size };
  const angle = rotationOf(shape);
  if (shape.nodeName !== 'box' || angle === 0) return undefined;
  const [left = 0, top = 0, right = 0, bottom = 0] = ['xtl', 'ytl', 'xbr', 'ybr'].map((key) =>
    number(shape, key, where),
  );
  const [cx, cy] = [(left + right) / 2, (top + bottom) / 2];
  const corner = (x: number, y: number) => [
    cx + (x - cx) * Math.cos(angle) - (y - cy) * Math.sin(angle),
    cy + (x - cx) * Math.sin(angle) + (y - cy) * Math.cos(angle),
  ];
  const outer = [corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom)].flat();
  return { kind: 'polygons', polygons: [{ outer, holes: [] }] };
}

/** Its runs count row by row within its box, the background's first. */
function maskRuns(shape: Element, size: Size, where: string): MaskRuns {
  const [left = 0, top = 0, width = 0, height = 0] = ['left', 'top', 'width', 'height'].map((key) =>
    number(shape, key, where),
  );
  const text = attribute(shape, 'rle', where);
  const lengths = text.split(',').map(Number);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const fits = left >= 0 && top >= 0 && left + width <= size.width && top + height <= size.height;
  if (total !== width * height || !fits || lengths.some((length) => !Number.isInteger(length) || length < 0)) {
    const expected = `runs of ${width}x${height} pixels within the picture of ${size.width}x${size.height}`;
    throw wrong(`${where}.rle`, expected, `${total} pixels at ${left}, ${top}`);
  }
  return pixelRuns(pixelsOf(lengths, total), size, [left, top, width, height]);
}

/** The box around a box that is turned about its centre. */
function turned(box: XywhBox, angle: number): XywhBox {
  if (angle === 0) return box;
  const [x, y, width, height] = box;
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  const [w, h] = [width * cos + height * sin, width * sin + height * cos];
  return [x + (width - w) / 2, y + (height - h) / 2, w, h];
}

/** `x,y;x,y;…` */
function pointsOf(shape: Element, where: string): readonly (readonly [number, number])[] {
  const text = attribute(shape, 'points', where);
  return text.split(';').map((pair) => {
    const [x = Number.NaN, y = Number.NaN] = pair.split(',').map(Number);
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw wrong(`${where}.points`, 'points x,y;x,y;…', text);
    return [x, y] as const;
  });
}

/** In the order of the file, which is that of drawing. */
function elements(parent: Element): readonly Element[] {
  return childElements(parent).filter(({ nodeName }) => SHAPES.includes(nodeName));
}
const SHAPES = ['box', 'polygon', 'ellipse', 'mask', 'polyline', 'points', 'tag', 'skeleton', 'cuboid'];

function attribute(element: Element, key: string, where: string): string {
  const value = element.getAttribute(key);
  if (value !== null && value !== '') return value;
  throw wrong(`${where}.${key}`, 'an attribute of that name', value ?? undefined);
}

function number(element: Element, key: string, where: string): number {
  const text = attribute(element, key, where);
  if (text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  throw wrong(`${where}.${key}`, 'a finite number', text);
}

function wrong(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}
