/** Which dictionary of a file holds the weights: by the names that trainers give it, or by the key that the user names. */
import type { LowformerError } from '../core/errors.js';
import { cutEnd } from '../core/harmless.js';
import { unreadable } from './byte_source.js';
import { isPartOf } from './part_of.js';
import { isOpaque, isTensor, type PickleMap, type PickleOpaque, type PickleValue } from './pickle_value.js';
import type { StateDict, StoredTensor } from './state_dict.js';

/** Where the weights were found, in a file that has several sets of them, or an average of them. */
export interface WeightsPlace {
  /** `state_dict`. */
  readonly key: string;
  /** Keys of other sets in the file. */
  readonly others: readonly string[];
  /** Whether these are an average of the weights over the steps of training. */
  readonly averaged: boolean;
}

export interface FoundWeights {
  readonly tensors: StateDict;
  /** undefined where nothing is to be said: one set, or the one that was asked for. */
  readonly place: WeightsPlace | undefined;
}

/** Names under which trainers other than mmengine's and the official one keep the weights; `_ema` is an average. */
export const modelKeys = [
  'state_dict_ema',
  'model_ema',
  'ema_state_dict',
  'params_ema',
  'model',
  'model_state_dict',
  'model_state',
  'params',
  'net',
  'network',
  'weights',
] as const;

const allKeys = ['state_dict', ...modelKeys] as const;
const AVERAGE = /(?:^|[_.])ema(?:[_.]|$)/;

/**
 * The weights of a file.
 * @param key where they lie: names of dictionaries joined by dots (`model.state_dict`), the last of which may be what
 *   names of tensors begin with (`student`). Without it: `state_dict`, else the only one of `modelKeys` that is there,
 *   else the file itself; each may have such a name inside.
 * @throws {LowformerError} `unreadable-checkpoint` where there are none, or several sets and no key.
 */
export function findWeights(path: string, value: PickleValue, key: string | undefined): FoundWeights {
  if (!(value instanceof Map)) {
    throw noDictionary(path, value);
  }
  if (key !== undefined) return { tensors: under(path, value, key), place: undefined };
  const sets = allKeys.filter((name) => nestedTensors(value.get(name)).size > 0);
  const [first, ...others] = sets;
  if (value.has('state_dict') && first !== 'state_dict') throw noWeights(path, 'state_dict', value);
  if (others.length > 0 && first !== 'state_dict') {
    throw unreadable(path, "a 'state_dict', or one set of weights", { received: sets, ...keyHint(sets) });
  }
  if (first !== undefined) return { tensors: nestedTensors(value.get(first)), place: placeOf(value, first, others) };
  const tensors = tensorsOf(value);
  if (tensors.size > 0) return { tensors, place: undefined };
  // A name that no list has (DeepSpeed's `module`), where there is no other.
  const [only, ...more] = placesOf(value);
  if (only === undefined) throw noWeights(path, undefined, value);
  if (more.length > 0) {
    throw unreadable(path, "a 'state_dict', or one set of weights", { received: [only, ...more], ...keyHint([only]) });
  }
  return { tensors: lookUp(value, only), place: { key: only, others: [], averaged: AVERAGE.test(only) } };
}

function placeOf(file: PickleMap, key: string, sets: readonly string[]): WeightsPlace | undefined {
  // Averages that a trainer of its own kind keeps: `ema.module`.
  const averages = placesOf(file).filter(
    (place) => AVERAGE.test(place) && !allKeys.some((set) => isPartOf(place, set)),
  );
  const others = [...sets, ...averages];
  // mmengine's EMAHook changes the two when it saves: `state_dict` is the average, `ema_state_dict` what is trained on.
  const swapped = key === 'state_dict' && others.includes('ema_state_dict') && isOfMmengine(file);
  const averaged = swapped || AVERAGE.test(key);
  return averaged || others.length > 0 ? { key, others, averaged } : undefined;
}

function isOfMmengine(file: PickleMap): boolean {
  const meta = file.get('meta');
  return file.has('message_hub') || (meta instanceof Map && meta.has('mmengine_version'));
}

/** Tensors of a file without dictionaries whose names begin with `key`. */
export function tensorsUnder(path: string, tensors: StateDict, key: string): StateDict {
  const found = withPrefix(tensors, `${key}.`);
  if (found.size > 0) return found;
  const roots = [...new Set([...tensors.keys()].map((name) => name.split('.', 1)[0] ?? name))];
  throw unreadable(path, `tensors whose names begin with '${cutEnd(key, 100)}.'`, {
    received: cutList(roots),
    hint: 'These are what names in the file begin with. Without a key, all tensors are taken.',
  });
}

function under(path: string, file: PickleMap, key: string): StateDict {
  const found = lookUp(file, key);
  if (found.size > 0) return found;
  // What is wanted may be a part of the set that is taken without a key.
  const [only, ...more] = allKeys.filter((name) => nestedTensors(file.get(name)).size > 0);
  const usual =
    only !== undefined && (only === 'state_dict' || more.length === 0) ? nestedTensors(file.get(only)) : undefined;
  const part = withPrefix(usual ?? new Map<string, StoredTensor>(), `${key}.`);
  if (part.size > 0) return part;
  throw noWeights(path, key, file);
}

/** Tensors where a dotted key leads; none where it leads nowhere. Names of dictionaries may have dots themselves. */
function lookUp(map: PickleMap, key: string): StateDict {
  const exact = nestedTensors(map.get(key));
  if (exact.size > 0) return exact;
  for (let dot = key.indexOf('.'), depth = 1; dot > 0 && depth <= DEEPEST; dot = key.indexOf('.', dot + 1), depth++) {
    const inner = map.get(key.slice(0, dot));
    const found = inner instanceof Map ? lookUp(inner, key.slice(dot + 1)) : undefined;
    if (found !== undefined && found.size > 0) return found;
  }
  return withPrefix(tensorsOf(map), `${key}.`);
}

function withPrefix(tensors: StateDict, prefix: string): StateDict {
  const found = [...tensors].filter(([name]) => name.startsWith(prefix) && name.length > prefix.length);
  return new Map(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

function noDictionary(path: string, value: PickleValue): LowformerError {
  if (isArray(value))
    return unreadable(path, 'a dictionary of tensors', { received: 'an array of numpy', hint: ARRAYS });
  const received = isTensor(value) ? 'a single tensor' : isOpaque(value) ? objectOf(value) : 'another object';
  const hint = isOpaque(value)
    ? wholeObject('model')
    : "Save the weights with torch.save(model.state_dict(), 'weights.pth').";
  return unreadable(path, 'a dictionary of tensors', { received, hint });
}

const ARRAYS = "Its arrays are numpy's. In Python: torch.save({name: torch.from_numpy(array) for …}, 'weights.pth').";

/** An array of numpy, as pickles make it. */
function isArray(value: PickleValue): boolean {
  return isOpaque(value) && /^numpy\..*\.(?:_reconstruct|_frombuffer)$/.test(value.name);
}

function objectOf({ name }: PickleOpaque): string {
  return `an object of ${cutEnd(name, 100)}`;
}

/** torch.save(model): the object itself, as ultralytics and torchvision's first examples save it. */
function wholeObject(model: string): string {
  return (
    'A whole object needs the code that it was made with, and nothing of the file was run. Save its weights alone, in ' +
    `Python, where that code is installed: torch.save(${model}.state_dict(), 'weights.pth').`
  );
}

function noWeights(path: string, key: string | undefined, file: PickleMap): LowformerError {
  const object = key === undefined ? wholeModelIn(file) : isOpaque(file.get(key)) ? key : undefined;
  const held = object === undefined ? undefined : file.get(object);
  if (object !== undefined && isOpaque(held)) {
    return unreadable(path, `tensors by name under '${cutEnd(object, 40)}'`, {
      received: objectOf(held),
      hint: wholeObject(`torch.load('FILE', weights_only=False)['${cutEnd(object, 40)}']`),
    });
  }
  const expected =
    key === undefined ? "a 'state_dict' or tensors by name" : `tensors by name under '${cutEnd(key, 100)}'`;
  const places = key === undefined ? [] : placesOf(file);
  const hasArrays = [...file.values()].some((item) => isArray(item));
  return unreadable(path, expected, {
    received: cutList([...file.keys()]),
    hint:
      places.length === 0
        ? `These are the names in the file.${hasArrays ? ` ${ARRAYS}` : ''}`
        : `These are the names in the file; there are tensors under ${places.map((place) => `'${place}'`).join(', ')}.`,
  });
}

/** Where a trainer keeps its model as an object. */
function wholeModelIn(file: PickleMap): string | undefined {
  return ['ema', ...allKeys].toReversed().find((name) => {
    const held = file.get(name);
    return isOpaque(held) && held.foreign === true;
  });
}

function cutList(names: readonly string[]): readonly string[] {
  const shown = names.slice(0, 12).map((name) => cutEnd(name, 40));
  return names.length > 12 ? [...shown, `and ${names.length - 12} more`] : shown;
}

function keyHint([only = 'model']: readonly string[]) {
  return {
    hint: `Name the one you want with the option checkpointKey: '${only}'.`,
    commandHint: `Name the one you want: --checkpoint-key ${only}.`,
  };
}

/** Dictionaries within dictionaries that a key can lead through, and how many are looked at for a message. */
const DEEPEST = 4;
const MOST_LOOKED_AT = 1000;
const MOST_SHOWN = 8;

/** Dotted keys of dictionaries that hold tensors, those of optimizers left out. */
function placesOf(file: PickleMap): readonly string[] {
  const found: string[] = [];
  let level: readonly (readonly [string, PickleMap])[] = [['', file]];
  let looked = 0;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const next: (readonly [string, PickleMap])[] = [];
    for (const [prefix, map] of level) {
      for (const [name, item] of map) {
        if (++looked > MOST_LOOKED_AT || found.length >= MOST_SHOWN) return found;
        if (!(item instanceof Map) || /optim|schedul|scaler/i.test(name)) continue;
        const place = `${prefix}${cutEnd(name, 40)}`;
        if (tensorsOf(item).size > 0) found.push(place);
        else next.push([`${place}.`, item]);
      }
    }
    level = next;
  }
  return found;
}

/** Trainers that keep a model's settings beside its weights nest them: `model.state_dict`, `state_dict.model`. */
function nestedTensors(value: PickleValue | undefined): StateDict {
  const tensors = tensorsOf(value);
  if (tensors.size > 0 || !(value instanceof Map)) return tensors;
  const inner = allKeys.map((key) => tensorsOf(value.get(key))).filter(({ size }) => size > 0);
  const [only] = inner;
  // Of several, none is chosen unseen.
  return only !== undefined && inner.length === 1 ? only : tensors;
}

/** The entries that are tensors; other values of a state_dict (`_extra_state`) hold no weights. */
function tensorsOf(value: PickleValue | undefined): StateDict {
  const tensors = new Map<string, StoredTensor>();
  if (value instanceof Map) {
    for (const [name, item] of value) if (isTensor(item)) tensors.set(name, item.tensor);
  }
  return tensors;
}
