import type { z } from 'zod';

/** The configs that a table's modules take: `type` and the keys of the schema, as a person writes them. */
export type ModuleConfig<Table> = {
  [Key in keyof Table]: Table[Key] extends {
    readonly type: infer Type;
    readonly schema: infer Schema extends z.ZodType;
  }
    ? { readonly type: Type } & z.input<Schema> & TrainingOnly
    : never;
}[keyof Table];

/** OpenMMLab's keys that concern training alone: accepted in any module that lists them, never read. */
export interface TrainingOnly {
  readonly init_cfg?: unknown;
  readonly train_cfg?: unknown;
}
