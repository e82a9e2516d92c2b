/** One annotation file of Pascal VOC (Everingham et al., IJCV 2010): `<annotation><size/><object/>…</annotation>`. */
import { DOMParser, type Element, ParseError } from '@xmldom/xmldom';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import type { XywhBox } from './dataset.js';

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

const FORMAT = "Pascal VOC's XML: <annotation> with <object>s";

/**
 * @param firstPixel what the file calls the first column and row: 1 in Pascal VOC (mmdet's XMLDataset subtracts it, too),
 *   0 in what some tools write. Coordinates are cut to whole pixels, as mmdet does; the box spans from corner to
 *   corner: width is `xmax - xmin`. `truncated`, `pose` and `<part>`s are left alone.
 * @param file what errors call the text.
 * @throws {LowformerError} `unreadable-file` for what is no XML; `invalid-argument`, with file, object and value, for
 *   another format, a missing or wrong value, a negative size.
 */
export function parseVocXml(text: string, file: string, firstPixel: 0 | 1): VocAnnotation {
  const root = rootElement(text, file);
  if (root.nodeName !== 'annotation') throw wrong(file, FORMAT, `<${root.nodeName}>`);
  const size = child(root, 'size');
  const objects = children(root, 'object').map((object, i) => {
    const where = `${file}: object[${i}]`;
    const name = textOf(object, 'name', where);
    if (name === '') throw wrong(`${where}.name`, 'the name of a class', name);
    const difficult = child(object, 'difficult');
    return {
      name,
      box: boxOf(object, where, firstPixel),
      difficult: difficult !== undefined && flag(difficult, `${where}.difficult`),
    };
  });
  return { size: size === undefined ? undefined : sizeOf(size, `${file}: size`), objects };
}

function rootElement(text: string, file: string): Element {
  const onError = (_level: string, message: string) => {
    throw new ParseError(message);
  };
  try {
    const { documentElement } = new DOMParser({ onError }).parseFromString(text, 'text/xml');
    if (documentElement !== null) return documentElement;
  } catch (cause) {
    if (!(cause instanceof ParseError)) throw cause;
    const [line = ''] = cause.message.split('\n');
    const hint = `It is no well-formed XML, or cut off: ${line}.`;
    throw new LowformerError({ code: 'unreadable-file', where: file, expected: FORMAT, hint, cause });
  }
  throw new LowformerError({ code: 'unreadable-file', where: file, expected: FORMAT, hint: 'It is empty.' });
}

function sizeOf(size: Element, where: string): Size {
  const [width, height] = ['width', 'height'].map((key) => {
    const extent = numberOf(size, key, where);
    if (Number.isInteger(extent) && extent > 0) return extent;
    throw wrong(`${where}.${key}`, 'a whole number from 1', extent);
  });
  return { width: width ?? 0, height: height ?? 0 };
}

function boxOf(object: Element, where: string, firstPixel: 0 | 1): XywhBox {
  const box = child(object, 'bndbox');
  if (box === undefined) throw missing(`${where}.bndbox`, '<xmin>, <ymin>, <xmax>, <ymax>');
  const corner = (key: string) => Math.trunc(numberOf(box, key, `${where}.bndbox`)) - firstPixel;
  const [left, top, right, bottom] = [corner('xmin'), corner('ymin'), corner('xmax'), corner('ymax')];
  if (right < left || bottom < top) {
    const corners = [left, top, right, bottom].map((value) => value + firstPixel);
    throw wrong(`${where}.bndbox`, 'xmin <= xmax and ymin <= ymax', corners);
  }
  return [left, top, right - left, bottom - top];
}

function flag(element: Element, where: string): boolean {
  const text = (element.textContent ?? '').trim();
  if (text === '0' || text === '1') return text === '1';
  throw wrong(where, '0 or 1', text);
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
  return children(parent, name)[0];
}

/** Direct ones alone: an object's `<part>`s have names and boxes of their own. */
function children(parent: Element, name: string): readonly Element[] {
  const found: Element[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    if (isElement(node) && node.nodeName === name) found.push(node);
  }
  return found;
}

function isElement(node: { readonly nodeType: number }): node is Element {
  return node.nodeType === 1;
}

function wrong(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}

function missing(where: string, expected: string): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, hint: 'The element is missing.' });
}
