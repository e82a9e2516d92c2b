import type { z } from 'zod';
import type { Definition } from './define.js';
import { schemaError } from './schema_error.js';
import type { ModuleTable } from './table.js';

/** Where a part of a config stands, for messages. */
export interface ParseContext {
  /** `model.neck`. */
  readonly path: string;
  /** Of a list whose items stand elsewhere in the config: their places. */
  readonly items?: readonly string[] | undefined;
  /** The file, or other origin, of a config path. */
  readonly originOf?: (path: string) => string | undefined;
}

/** Checks a part of a config. @throws {LowformerError} `invalid-config` with the path, what was expected and given. */
export function parsePart<Schema extends z.ZodType>(
  schema: Schema,
  tree: unknown,
  context: ParseContext,
): z.output<Schema> {
  const result = schema.safeParse(tree);
  if (result.success) return result.data;
  throw schemaError(result.error, { ...context, input: tree, schema });
}

/**
 * Looks a module up by its `type` and checks the rest of its keys.
 * @param unused gets the paths of keys that were accepted and are not used.
 */
export function parseModule<Module extends Definition<string, z.ZodType>>(
  table: ModuleTable<Module>,
  tree: unknown,
  context: ParseContext,
  unused: string[],
): { readonly definition: Module; readonly config: unknown } {
  const { type, ...keys } = entriesOf(tree);
  const definition = table.get(String(type), `${context.path}.type`);
  const used = Object.entries(keys).filter(([key]) => {
    if (definition.trainingKeys?.includes(key) !== true) return true;
    unused.push(`${context.path}.${key}`);
    return false;
  });
  return { definition, config: parsePart(definition.schema, Object.fromEntries(used), context) };
}

function entriesOf(tree: unknown): Readonly<Record<string, unknown>> {
  return typeof tree === 'object' && tree !== null ? Object.fromEntries(Object.entries(tree)) : {};
}
