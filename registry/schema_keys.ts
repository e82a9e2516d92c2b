/** What a zod schema knows of its own keys, for naming the one that was meant. */
import { z } from 'zod';
import { schemaOfPart } from './part_schema.js';

/** The keys that a schema takes at a path; empty where it is no object, or unknown. */
export function knownKeys(schema: unknown, path: readonly PropertyKey[], input: unknown): readonly string[] {
  const objects = schemasAt(schema, path, input).filter((option) => option instanceof z.ZodObject);
  return [...new Set(objects.flatMap(({ shape }) => Object.keys(shape)))];
}

/** Whether a fixed number of items is asked for, which zod's issue does not say of tuples. */
export function isTuple(schema: unknown, path: readonly PropertyKey[], input: unknown): boolean {
  return schemasAt(schema, path, input).some((option) => option instanceof z.ZodTuple && option.def.rest === null);
}

/** Whether only whole numbers will do, which zod's issue does not say of texts and of numbers out of bounds. */
export function isInteger(schema: unknown, path: readonly PropertyKey[], input: unknown): boolean {
  const numbers = schemasAt(schema, path, input).filter((option) => option instanceof z.ZodNumber);
  return numbers.length > 0 && numbers.every(({ isInt }) => isInt);
}

/**
 * What may stand at a path: one schema, or the branches of a union.
 * @param input the value that was checked: it tells which branches are meant, by `type` or another literal.
 */
function schemasAt(schema: unknown, path: readonly PropertyKey[], input: unknown): readonly unknown[] {
  const here = bare(schema);
  if (here instanceof z.ZodUnion) {
    const fitting = here.options.filter((option) => fits(option, input));
    const options = fitting.length > 0 ? fitting : here.options;
    return options.flatMap((option) => schemasAt(option, path, input));
  }
  if (here instanceof z.ZodIntersection) {
    return [here.def.left, here.def.right].flatMap((side) => schemasAt(side, path, input));
  }
  if (here instanceof z.ZodCustom) {
    const part = schemaOfPart(here, input);
    return part === undefined ? [] : schemasAt(part, path, input);
  }
  const [key, ...rest] = path;
  if (here === undefined || key === undefined) return here === undefined ? [] : [here];
  return schemasAt(below(here, key), rest, valueAt(input, [key]));
}

/** The value at a path; undefined where there is none. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    input,
  );
}

/** Without what only adds a default, a name or a conversion. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodLazy) return bare(schema.def.getter());
  if (schema instanceof z.ZodPipe) return bare(schema.def.in);
  const wraps =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodCatch ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodReadonly;
  return wraps ? bare(schema.def.innerType) : schema;
}

function below(schema: unknown, key: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(key)] ?? schema.def.catchall;
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodTuple) return schema.def.items[Number(key)] ?? schema.def.rest;
  if (schema instanceof z.ZodRecord) return schema.def.valueType;
  return undefined;
}

/** Whether every literal of an object schema that stands in the input is the one that the schema asks for. */
function fits(option: unknown, input: unknown): boolean {
  const schema = bare(option);
  if (!(schema instanceof z.ZodObject)) return false;
  const tags = Object.entries(schema.shape).filter(([, value]) => {
    const tag = bare(value);
    return tag instanceof z.ZodLiteral || tag instanceof z.ZodEnum;
  });
  return tags.every(([key, value]) => {
    const given = valueAt(input, [key]);
    return given === undefined || (value instanceof z.ZodType && value.safeParse(given).success);
  });
}
