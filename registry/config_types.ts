import type { z } from 'zod';

/** The configs that a table's modules take: `type` and the keys of the schema, as a person writes them. */
export type ModuleConfig<Table> = {
  [Key in keyof Table]: Table[Key] extends {
    readonly type: infer Type;
    readonly schema: infer Schema extends z.ZodType;
    readonly trainingKeys?: infer Training;
  }
    ? { readonly type: Type } & z.input<Schema> & TrainingOnly<NonNullable<Training>>
    : never;
}[keyof Table];

/** Keys that a module accepts because OpenMMLab's takes them for training; never read. */
type TrainingOnly<Keys> = Keys extends readonly (infer Key extends string)[]
  ? { readonly [Name in Key]?: unknown }
  : Readonly<Record<never, never>>;
