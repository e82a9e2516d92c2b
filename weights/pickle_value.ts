import type { DType } from './dtype.js';
import type { StoredTensor } from './state_dict.js';
import type { UnreadType } from './unread_types.js';

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
  /** Whether nothing is known of it: what it makes is left out. */
  readonly foreign?: boolean;
}

/** Something beside the weights that is not wanted: only its class is kept. */
export interface PickleOpaque {
  readonly kind: 'opaque';
  readonly name: string;
  /** Whether nothing is known of its class. */
  readonly foreign?: boolean;
}

/** What elements of storages can be. */
export type StorageType = DType | UnreadType;

/** A storage: where its bytes lie is known to the archive that holds them. */
export interface PickleStorage {
  readonly kind: 'storage';
  /**
   * The tensor over this storage.
   * @param dtype of its elements, where the storage is of bytes.
   * @throws {LowformerError} when it would reach beyond the storage.
   */
  readonly tensor: (view: StorageView, dtype?: StorageType) => StoredTensor;
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

export function isOpaque(value: PickleValue | undefined): value is PickleOpaque {
  return kindOf(value) === 'opaque';
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

/** Items of the longest tuple that is a key, those of tuples in it counted, and how deep it goes. */
const longestKey = 16;
const deepestKey = 3;

/**
 * Sets an entry of a dictionary. What stands under numbers (the parameters of an optimizer) or short tuples holds no
 * weights and is left out; nothing is ever hashed or compared but texts, since hashing a tuple of tuples, each twice the
 * one before, takes a lifetime.
 * @param map undefined for something that is not kept.
 * @returns false for any other key.
 */
export function setEntry(map: PickleMap | undefined, key: PickleValue, value: PickleValue): boolean {
  if (typeof key === 'string') map?.set(key, value);
  return keySize(key, deepestKey) <= longestKey;
}

/** Items of a key, up to the first that is too many or too deep: then infinite. */
function keySize(key: PickleValue, levels: number): number {
  if (key instanceof Map) return Number.POSITIVE_INFINITY;
  if (!Array.isArray(key)) return 1;
  if (levels === 0 || key.length > longestKey) return Number.POSITIVE_INFINITY;
  let size = 0;
  for (const item of key) {
    size += keySize(item, levels - 1);
    if (size > longestKey) return Number.POSITIVE_INFINITY;
  }
  return size;
}
