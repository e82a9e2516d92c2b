/** Numbers that must not be mixed up carry their meaning in their type. They are plain numbers at run time. */
import { LowformerError } from './errors.js';

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** Input pixels per feature-map pixel: 4, 8, 16, 32 for C2 to C5. */
export type Stride = Branded<'Stride'>;
/** Position of a class in the config's `metainfo.classes`, counted from 0. */
export type ClassIndex = Branded<'ClassIndex'>;
/** A dataset's own number for a class (COCO's `category_id`): sparse, and seldom from 0. */
export type CategoryId = Branded<'CategoryId'>;

/** @throws {LowformerError} unless `value` is a positive integer. */
export function stride(value: number): Stride {
  check(Number.isInteger(value) && value > 0, 'stride', 'a positive integer', value);
  return value as Stride;
}

/** @throws {LowformerError} unless `value` is an integer of 0 or more. */
export function classIndex(value: number): ClassIndex {
  check(Number.isInteger(value) && value >= 0, 'classIndex', 'an integer of 0 or more', value);
  return value as ClassIndex;
}

/** @throws {LowformerError} unless `value` is an integer. */
export function categoryId(value: number): CategoryId {
  check(Number.isInteger(value), 'categoryId', 'an integer', value);
  return value as CategoryId;
}

function check(holds: boolean, where: string, expected: string, received: number): void {
  if (!holds) throw new LowformerError({ code: 'invalid-argument', where, expected, received });
}
