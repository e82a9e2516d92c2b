import { LowformerError } from '../core/errors.js';
import { CONTROL } from './control_characters.js';

/**
 * Text as it stands in XML, in elements and in attributes with double quotes.
 * @param where names what it is, for the message.
 * @throws {LowformerError} `invalid-argument` for control characters and halves of surrogate pairs, for which XML 1.0 has no form.
 */
export function xmlText(text: string, where: string): string {
  if (CONTROL.test(text)) {
    const expected = 'a text that XML can hold: no control characters';
    throw new LowformerError({ code: 'invalid-argument', where, expected, received: text });
  }
  return text.replace(/[&<>"'\n\r\t]/g, (character) => ESCAPES[character] ?? character);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // Left as they are, an attribute would read as spaces.
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};
