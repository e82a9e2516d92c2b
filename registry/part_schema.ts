/**
 * Parts of modules that a config names by `type` (a box coder, a prior generator, a suppression): looked up in their table
 * while the module's own schema is checked, so that what a third party adds to the table is a part like any other.
 */
import { z } from 'zod';
import type { ModuleTable } from './table.js';

/** What a part is: a name, a strict schema of the keys beside `type`, and how it is made. */
export interface PartDefinition<Type extends string, Schema extends z.ZodType, Made> {
  /** The config's `type`. */
  readonly type: Type;
  readonly schema: Schema;
  create(config: z.output<Schema>): Made;
}

/** The table of one kind of part. */
export type PartTable<Made> = ModuleTable<PartDefinition<string, z.ZodType, Made>>;

/** A part's config once checked: plain, with what was left out filled in. */
export interface CheckedPart {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** By the schema in which the part stands: the table that says what it may be, and the type of one that names none. */
const sources = new WeakMap<object, { readonly table: PartTable<unknown>; readonly otherwise: string | undefined }>();

/**
 * The schema of a part. Its problems are found at its keys, with what was expected and given, as those of any schema.
 * @param otherwise the type of a part that names none; without it, one must.
 */
export function partSchema<Config>(table: PartTable<unknown>, otherwise?: string) {
  const given = z.custom<Config>();
  sources.set(given, { table, otherwise });
  return given.transform((part, context): CheckedPart => {
    const { type = otherwise, ...keys } = entriesOf(part) ?? {};
    if (entriesOf(part) === undefined) {
      context.issues.push({ code: 'invalid_type', expected: 'object', input: part });
      return z.NEVER;
    }
    const definition = typeof type === 'string' && table.names().includes(type) ? table.get(type, '') : undefined;
    if (definition === undefined) {
      context.issues.push({ code: 'invalid_value', values: [...table.names()], path: ['type'], input: type });
      return z.NEVER;
    }
    const { success, data, error } = definition.schema.safeParse(keys);
    if (success) return { type: definition.type, ...entriesOf(data) };
    // What is found inside, with its paths, as of the one branch that the type chose.
    context.issues.push({ code: 'invalid_union', errors: [error.issues], input: part });
    return z.NEVER;
  });
}

/** Makes what a checked config describes. */
export function createPart<Made>(table: PartTable<Made>, { type, ...keys }: CheckedPart): Made {
  return table.get(type, table.kind).create(keys);
}

/** The schema that a part is held to, by its config; undefined where it is none, or of no known type. */
export function schemaOfPart(schema: object, config: unknown): z.ZodType | undefined {
  const source = sources.get(schema);
  if (source === undefined) return undefined;
  const { type = source.otherwise } = entriesOf(config) ?? {};
  return typeof type === 'string' && source.table.names().includes(type)
    ? source.table.get(type, '').schema
    : undefined;
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}
