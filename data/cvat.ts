/** CVAT's own XML, "CVAT for images 1.1" (docs.cvat.ai: XML annotation format): `<image>`s of `<box>`es and `<polygon>`s. */
import type { Element } from '@xmldom/xmldom';
import { LowformerError } from '../core/errors.js';
import { boxAround } from '../geometry/box_around.js';
import type { DetectionAnnotations, XywhBox } from './dataset.js';
import { readBytes } from './files.js';
import { type NamedObject, type NamedObjectsOptions, type NamedPicture, namedObjects } from './named_objects.js';
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
  { classes, notes }: NamedObjectsOptions = {},
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
    const shapes = [...elements(image)];
    const objects = shapes.flatMap((shape, k): readonly NamedObject[] => {
      const place = `${where}.${shape.nodeName}[${k}]`;
      const box = boxOf(shape, place);
      if (box === undefined) {
        note('no-area', place);
        return [];
      }
      if (shape.nodeName !== 'box' || Number(shape.getAttribute('rotation') ?? 0) !== 0) note('outline', place);
      const marks = new Set(
        childElements(shape, 'attribute')
          .filter(({ textContent }) => ['true', '1'].includes((textContent ?? '').trim().toLowerCase()))
          .map((one) => one.getAttribute('name')),
      );
      const category = attribute(shape, 'label', place);
      return [{ category, box, crowd: marks.has('is_crowd'), difficult: marks.has('difficult'), where: place }];
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
      const angle = (Number(shape.getAttribute('rotation') ?? 0) * Math.PI) / 180;
      return turned([left, top, right - left, bottom - top], angle);
    }
    case 'polygon':
      return boxAround(pointsOf(shape, where).flat());
    case 'ellipse': {
      const [cx = 0, cy = 0, rx = 0, ry = 0] = all('cx', 'cy', 'rx', 'ry');
      return turned([cx - rx, cy - ry, 2 * rx, 2 * ry], (Number(shape.getAttribute('rotation') ?? 0) * Math.PI) / 180);
    }
    case 'mask': {
      const [left = 0, top = 0, width = 0, height = 0] = all('left', 'top', 'width', 'height');
      return [left, top, width, height];
    }
    default:
      return undefined;
  }
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

function* elements(parent: Element): Generator<Element> {
  for (const name of SHAPES) yield* childElements(parent, name);
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
