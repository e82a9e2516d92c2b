/** XML parsed whole, and what stands directly in its elements. */
import { DOMParser, type Element, ParseError } from '@xmldom/xmldom';
import { LowformerError } from '../core/errors.js';

/**
 * The outermost element.
 * @param format for messages: what the file should be.
 * @throws {LowformerError} `unreadable-file` for what is no XML, cut off or empty.
 */
export function parseXml(text: string, file: string, format: string): Element {
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
    throw new LowformerError({ code: 'unreadable-file', where: file, expected: format, hint, cause });
  }
  throw new LowformerError({ code: 'unreadable-file', where: file, expected: format, hint: 'It is empty.' });
}

/** Elements, of a name or any, that stand directly in another: an object's `<part>`s have names and boxes of their own. */
export function childElements(parent: Element, name?: string): readonly Element[] {
  const found: Element[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    if (isElement(node) && (name === undefined || node.nodeName === name)) found.push(node);
  }
  return found;
}

function isElement(node: { readonly nodeType: number }): node is Element {
  return node.nodeType === 1;
}
