/** One annotation file of Pascal VOC (Everingham et al., IJCV 2010): `<annotation><size/><object/>…</annotation>`. */
import type { Element } from '@xmldom/xmldom';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import type { Mistakes } from '../core/mistakes.js';
import type { XywhBox } from './dataset.js';
import { childElements, parseXml } from './xml_elements.js';

export interface VocObjectEntry {
  readonly name: string;
  readonly box: XywhBox;
  readonly difficult: boolean;
}

export interface VocAnnotation {
  /** Undefined without `<size>`. */
  readonly size: Size | undefined;
  readonly objects: readonly VocObjectEntry[];
}

/** What is taken although it is not quite as the format says. */
export type VocOddity = keyof typeof VOC_NOTES;

export const VOC_NOTES = {
  'latin-1': 'Files are no UTF-8, and read as Latin-1',
  'missing-size': 'Pictures are listed with a size of 0, or a part of it: the size counts as unknown',
  'difficult-text': '<difficult> is neither 0 nor 1, and counts as 0',
  'corners-exchanged': 'Corners of boxes are exchanged, and put right: xmin > xmax or ymin > ymax',
  'fractional-box': 'Boxes are not in whole pixels, and cut to them as mmdet does: --first-pixel 0 keeps fractions',
  'first-pixel':
    'Boxes begin at 0 although the format counts pixels from 1, and are shifted by one: --first-pixel 0 for files that count from 0, 1 for those that do not',
  'foreign-class': 'Objects of classes that are not asked for are left out',
} as const;

export interface VocReading {
  /**
   * What the file calls the first column and row: 1 in Pascal VOC (mmdet's XMLDataset subtracts it, too), 0 in what some
   * tools write. Undefined: 1, and what speaks against it is noted.
   */
  readonly firstPixel?: 0 | 1 | undefined;
  /** Notes an oddity at a place in the file: `object[3].bndbox`. */
  readonly note?: (oddity: VocOddity, place: string) => void;
  /** Where given, mistakes in objects are kept there and the objects left out. */
  readonly mistakes?: Mistakes;
}

const FORMAT = "Pascal VOC's XML: <annotation> with <object>s";

/**
 * Coordinates that count from 1 are cut to whole pixels, as mmdet does; those that count from 0 are taken as they are. The
 * box spans from corner to corner: width is `xmax - xmin`. `truncated`, `pose` and `<part>`s are left alone.
 * @param file what errors call the text.
 * @throws {LowformerError} `unreadable-file` for what is no XML; `invalid-argument`, with file, object and value, for
 *   another format, a missing or wrong value, a negative size.
 */
export function parseVocXml(text: string, file: string, reading: VocReading = {}): VocAnnotation {
  const root = parseXml(text, file, FORMAT);
  if (root.nodeName !== 'annotation') throw wrong(file, FORMAT, `<${root.nodeName}>`);
  const size = child(root, 'size');
  const objects = childElements(root, 'object').flatMap((object, i) => {
    try {
      return objectOf(object, `${file}: object[${i}]`, `object[${i}]`, reading);
    } catch (error) {
      if (reading.mistakes?.keep(error) !== true) throw error;
      return [];
    }
  });
  return { size: size === undefined ? undefined : sizeOf(size, `${file}: size`, reading), objects };
}

function objectOf(object: Element, where: string, place: string, reading: VocReading): VocObjectEntry {
  const name = textOf(object, 'name', where);
  if (name === '') throw wrong(`${where}.name`, 'the name of a class', name);
  const text = (child(object, 'difficult')?.textContent ?? '0').trim();
  if (text !== '0' && text !== '1') reading.note?.('difficult-text', `${place}.difficult`);
  return { name, box: boxOf(object, where, place, reading), difficult: text === '1' };
}

function sizeOf(size: Element, where: string, { note }: VocReading): Size | undefined {
  const [width = 0, height = 0] = ['width', 'height'].map((key) => {
    if ((child(size, key)?.textContent ?? '').trim() === '') return 0;
    const extent = numberOf(size, key, where);
    if (Number.isInteger(extent) && extent >= 0) return extent;
    throw wrong(`${where}.${key}`, 'a whole number from 1', extent);
  });
  if (width > 0 && height > 0) return { width, height };
  note?.('missing-size', 'size');
  return undefined;
}

function boxOf(object: Element, where: string, place: string, { firstPixel, note }: VocReading): XywhBox {
  const box = child(object, 'bndbox');
  if (box === undefined) throw missing(`${where}.bndbox`, '<xmin>, <ymin>, <xmax>, <ymax>');
  const given = ['xmin', 'ymin', 'xmax', 'ymax'].map((key) => numberOf(box, key, `${where}.bndbox`));
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = firstPixel === 0 ? given : given.map((value) => Math.trunc(value) - 1);
  const [left, top, right, bottom] = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
  if (left !== x1 || top !== y1) note?.('corners-exchanged', `${place}.bndbox`);
  if (firstPixel !== 0 && !given.every(Number.isInteger)) note?.('fractional-box', `${place}.bndbox`);
  if (firstPixel === undefined && Math.min(left, top) < 0) note?.('first-pixel', `${place}.bndbox`);
  return [left, top, right - left, bottom - top];
}

function numberOf(parent: Element, key: string, where: string): number {
  const text = textOf(parent, key, where);
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return value;
  throw wrong(`${where}.${key}`, 'a finite number', text);
}

function textOf(parent: Element, key: string, where: string): string {
  const element = child(parent, key);
  if (element === undefined) throw missing(`${where}.${key}`, `<${key}>`);
  return (element.textContent ?? '').trim();
}

function child(parent: Element, name: string): Element | undefined {
  return childElements(parent, name)[0];
}

function wrong(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}

function missing(where: string, expected: string): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, hint: 'The element is missing.' });
}
