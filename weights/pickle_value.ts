import type { StoredTensor } from './state_dict.js';

/**
 * What a pickle can hold, as plain data. Lists and tuples are arrays; dictionaries and their subclasses are maps of
 * their entries under texts, in their own order; sets and instances of the allowed classes are opaque records without content.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleMap
  | PickleGlobal
  | PickleOpaque
  | PickleStorage
  | PickleTensor;

export type PickleMap = Map<string, PickleValue>;

/** A class or function that the pickle names and that is allowed; `construct` is our own stand-in for calling it. */
export interface PickleGlobal {
  readonly kind: 'global';
  /** `module.name` */
  readonly name: string;
  /** undefined when the arguments are not of the form that the real one takes. */
  readonly construct: (args: readonly PickleValue[]) => PickleValue | undefined;
}

/** Something beside the weights that is not wanted: only its class is kept. */
export interface PickleOpaque {
  readonly kind: 'opaque';
  readonly name: string;
}

/** A storage: where its bytes lie is known to the archive that holds them. */
export interface PickleStorage {
  readonly kind: 'storage';
  /** The tensor over this storage. @throws {LowformerError} when it would reach beyond the storage. */
  readonly tensor: (view: StorageView) => StoredTensor;
}

/** In elements. */
export interface StorageView {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export interface PickleTensor {
  readonly kind: 'tensor';
  readonly tensor: StoredTensor;
}

/** The kind of a tagged value; undefined for the plain ones. */
export function kindOf(value: PickleValue | undefined): 'global' | 'opaque' | 'storage' | 'tensor' | undefined {
  return typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
}

export function isTensor(value: PickleValue | undefined): value is PickleTensor {
  return kindOf(value) === 'tensor';
}

export function isStorage(value: PickleValue | undefined): value is PickleStorage {
  return kindOf(value) === 'storage';
}

export function isGlobal(value: PickleValue | undefined): value is PickleGlobal {
  return kindOf(value) === 'global';
}

/** A list or tuple of integers of 0 or more that a double holds exactly. */
export function isCounts(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every((item) => isCount(item));
}

export function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Items of the longest tuple that is a key. */
const longestKey = 16;

/**
 * Sets an entry of a dictionary. What stands under numbers (the parameters of an optimizer) or short tuples holds no
 * weights and is left out; nothing is ever hashed or compared but texts, since hashing a tuple of tuples, each twice the
 * one before, takes a lifetime.
 * @param map undefined for something that is not kept.
 * @returns false for any other key.
 */
export function setEntry(map: PickleMap | undefined, key: PickleValue, value: PickleValue): boolean {
  if (typeof key === 'string') map?.set(key, value);
  else if (Array.isArray(key)) return key.length <= longestKey && !key.some((item) => isContainer(item));
  return !(key instanceof Map);
}

function isContainer(value: PickleValue): boolean {
  return Array.isArray(value) || value instanceof Map;
}
