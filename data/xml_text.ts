import { LowformerError } from '../core/errors.js';

/**
 * The text of an XML file, in the encoding that it declares: UTF-8 where it declares none.
 * @param notUtf8 called for a file that is no UTF-8 although it should be: it is read as Latin-1, in which editors and
 *   scripts on Windows wrote for decades.
 * @throws {LowformerError} `unreadable-file` for an encoding that is not known, and bytes that are not in it.
 */
export function decodeXml(bytes: Uint8Array, file: string, notUtf8: () => void): string {
  const declared = declaredEncoding(bytes);
  const wrong = (hint: string) => {
    const expected = 'XML in an encoding that is known';
    return new LowformerError({ code: 'unreadable-file', where: file, expected, received: declared, hint });
  };
  const decoder = strictDecoder(declared);
  if (decoder === undefined) throw wrong('Save the file as UTF-8.');
  try {
    return decoder.decode(bytes);
  } catch {
    if (decoder.encoding !== 'utf-8') throw wrong('Its bytes are not in the encoding that it declares.');
    notUtf8();
    return new TextDecoder('latin1').decode(bytes);
  }
}

/** Undefined for an encoding that is not known. */
function strictDecoder(encoding: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    return undefined;
  }
}

function declaredEncoding(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  return /^\s*(?:ï»¿)?<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? 'utf-8';
}
