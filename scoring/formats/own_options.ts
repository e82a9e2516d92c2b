/** Options that one format of a table alone takes. */
import type { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { parsePart } from '../../registry/parse_module.js';
import { flagKey, flagName, valuesOf } from '../command_flag.js';
import type { FormatFlag } from './define.js';

type OptionsOf<Format> = Format extends { readonly schema: infer Schema extends z.ZodType }
  ? // Of a schema without keys: every key is forbidden, which is true of no other format.
    string extends keyof z.input<Schema>
    ? never
    : z.input<Schema>
  : never;

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** The options of all formats of a table side by side, each optional. */
export type OwnOptions<Table> = Readonly<Partial<Intersection<OptionsOf<Table[keyof Table]>>>>;

interface WithOptions<Schema extends z.ZodType> {
  readonly type: string;
  readonly schema: Schema;
  readonly flags?: readonly FormatFlag[];
}

/**
 * Of all options given, the format's own, checked.
 * @param others the formats of its task.
 * @throws {LowformerError} `invalid-argument` for an option of another format, `invalid-config` for a wrong value.
 */
export function ownOptions<Schema extends z.ZodType>(
  { type, schema, flags = [] }: WithOptions<Schema>,
  others: readonly WithOptions<z.ZodType>[],
  given: object,
): z.output<Schema> {
  const own = new Set(flags.map(flagKey));
  for (const other of others) {
    for (const flag of other.flags ?? []) {
      const key = flagKey(flag);
      if (own.has(key) || valuesOf([flag], given)[key] === undefined) continue;
      const { elsewhere: expected = `--format ${other.type}`, hint } = flag;
      const parts = { code: 'invalid-argument', where: flagName(flag), expected, received: type } as const;
      throw new LowformerError(hint === undefined ? parts : { ...parts, hint });
    }
  }
  return parsePart(schema, valuesOf(flags, given), { path: `--format ${type}` });
}
