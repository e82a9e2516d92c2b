/** JSON of other tools, parsed whole and checked by a schema. */
import type { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { readUtf8 } from './utf8_text.js';

/**
 * @param expected what the file should be: `LabelMe's JSON of a picture`.
 * @throws {LowformerError} `unreadable-file` for what is missing, no UTF-8 or no JSON; `invalid-argument`, with the place in the file, for
 *   what the schema does not take.
 */
export async function readParsedJson<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  expected: string,
): Promise<z.output<Schema>> {
  const text = await readUtf8(file, expected);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const hint = 'It is no JSON, or cut off.';
    throw new LowformerError({ code: 'unreadable-file', where: file, expected, hint, cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('') ?? '';
  const where = path === '' ? file : `${file}: ${path.replace(/^\./, '')}`;
  throw new LowformerError({ code: 'invalid-argument', where, expected, hint: `${issue?.message ?? ''}.` });
}
