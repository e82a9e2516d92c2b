import { unreadable } from './byte_source.js';
import { isForeignData } from './foreign_globals.js';
import {
  isGlobal,
  isOpaque,
  type PickleGlobal,
  type PickleMap,
  type PickleOpaque,
  type PickleValue,
  setEntry,
} from './pickle_value.js';
import { torchConstructors } from './torch_constructors.js';

type Construct = PickleGlobal['construct'];

const historyMethods = ['min', 'max', 'mean', 'current'] as const;

/**
 * The names that are known, and what stands in for each. The rule of the list: a name enters when it is written by torch,
 * numpy, OpenMMLab, timm or Python's own data types in files that people do have, and when Python's loading it could do
 * nothing but hold data. What others make is left out, where `isForeignData` says that it could be data, and else refused,
 * even though nothing here is ever run: such a file would be dangerous elsewhere, and its author should hear of it.
 */
const allowed: ReadonlyMap<string, Construct> = new Map([
  ...torchConstructors,
  ...under('collections', { OrderedDict: dictionary, defaultdict: dictionary, Counter: dictionary, deque: list }),
  // Python 2's names are also what Python 3 writes in protocol 2.
  ...['builtins', '__builtin__'].flatMap((module) => [
    ...under(module, { dict: dictionary, list, tuple: list, bytearray: bytes, bytes }),
    ...opaque(module, ['set', 'frozenset', 'slice', 'range', 'xrange', 'complex', 'object']),
    ...opaque(module, ['int', 'long', 'float', 'bool', 'str', 'unicode']),
    [`${module}.getattr`, attribute] satisfies [string, Construct],
  ]),
  ...under('_codecs', { encode: latin1 }),
  ...['copyreg', 'copy_reg'].flatMap((module) => under(module, { _reconstructor: reconstructor })),

  ...['numpy.core.multiarray', 'numpy._core.multiarray'].flatMap((module) =>
    opaque(module, ['scalar', '_reconstruct']),
  ),
  ...['numpy.core.numeric', 'numpy._core.numeric'].flatMap((module) => opaque(module, ['_frombuffer'])),
  ...opaque('numpy', ['ndarray', 'dtype', 'bool', 'bool_', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16']),
  ...opaque('numpy', ['uint32', 'uint64', 'float16', 'float32', 'float64', 'longlong', 'str_', 'bytes_']),
  ...opaque('numpy.dtypes', ['BoolDType', 'Int32DType', 'Int64DType', 'Float32DType', 'Float64DType', 'StrDType']),

  ...historyBuffer('mmengine.logging.history_buffer'),
  ...historyBuffer('mmengine.logging'),
  ...under('mmengine.config.config', { ConfigDict: dictionary, Config: nothing('mmengine.Config') }),
  ...under('mmcv.utils.config', { ConfigDict: dictionary, Config: nothing('mmcv.Config') }),
  ...under('addict.addict', { Dict: dictionary }),
  ...under('easydict', { EasyDict: dictionary }),
  ...under('yacs.config', { CfgNode: dictionary }),
  ...opaque('argparse', ['Namespace']),
  ...opaque('types', ['SimpleNamespace']),
  ...opaque('datetime', ['datetime', 'date', 'time', 'timedelta', 'timezone']),
  ...['pathlib', 'pathlib._local'].flatMap((module) =>
    opaque(module, ['Path', 'PosixPath', 'WindowsPath', 'PurePath', 'PurePosixPath', 'PureWindowsPath']),
  ),
]);

/** Modules through which a pickle runs commands; for the words of the refusal only, the list above decides. */
const dangerous = /^(os|posix|nt|sys|subprocess|pty|shutil|socket|runpy|importlib|ctypes|webbrowser|code|commands)$/;
const dangerousBuiltin =
  /^(builtins|__builtin__)\.(eval|exec|compile|open|getattr|setattr|__import__|input|breakpoint)$/;

/**
 * The stand-in for `module.name` in the checkpoint `path`.
 * @throws {LowformerError} `unreadable-checkpoint` naming it, when it is not on the list and would do more than hold data.
 */
export function allowedGlobal(path: string, module: string, name: string): PickleGlobal {
  const full = `${module}.${name}`;
  const construct = allowed.get(full);
  if (construct !== undefined) return { kind: 'global', name: full, construct };
  if (isForeignData(module, name)) return stranger(full);
  const runsCommands = dangerous.test(module.split('.')[0] ?? '') || dangerousBuiltin.test(full);
  throw unreadable(path, 'a checkpoint of tensors and plain values', {
    received: full,
    hint: runsCommands
      ? `This file calls ${full}, which runs commands when the file is opened with Python's pickle: it was refused, ` +
        'and nothing of it was run. Do not load it elsewhere.'
      : `${full} is not on the list of names that a checkpoint may use, and nothing of the file was run. If it comes ` +
        "from a source you trust, save its weights alone, in Python: torch.save(model.state_dict(), 'weights.pth').",
  });
}

/** The names of the list, for documentation and tests. */
export const allowedGlobals: readonly string[] = [...allowed.keys()];

function under(module: string, names: Readonly<Record<string, Construct>>): [string, Construct][] {
  return Object.entries(names).map(([name, construct]) => [`${module}.${name}`, construct]);
}

function opaque(module: string, names: readonly string[]): [string, Construct][] {
  return names.map((name) => [`${module}.${name}`, nothing(`${module}.${name}`)]);
}

function historyBuffer(module: string): [string, Construct][] {
  const methods = historyMethods.map((method) => `HistoryBuffer.${method}`);
  return opaque(module, ['HistoryBuffer', ...methods]);
}

function nothing(name: string): Construct {
  return () => ({ kind: 'opaque', name });
}

/** What stands in for something of which nothing is known, and for what is made of it. */
function stranger(name: string): PickleGlobal {
  return { kind: 'global', name, construct: () => ({ kind: 'opaque', name, foreign: true }), foreign: true };
}

/** `dict(pairs)`, `OrderedDict()`, `defaultdict(factory, mapping)`, `Counter(mapping)`. */
function dictionary(args: readonly PickleValue[]): PickleMap | undefined {
  const map: PickleMap = new Map();
  for (const arg of args) {
    if (arg instanceof Map) for (const [key, value] of arg) map.set(key, value);
    if (!Array.isArray(arg)) continue;
    for (const pair of arg) {
      if (!Array.isArray(pair) || pair.length !== 2) continue;
      if (!setEntry(map, pair[0] ?? null, pair[1] ?? null)) return undefined;
    }
  }
  return map;
}

function list([items]: readonly PickleValue[]): PickleValue[] {
  return Array.isArray(items) ? [...items] : [];
}

/** `_codecs.encode(text, 'latin1')`: how protocol 2 writes bytes. They are numbers of arrays, which nobody asks for. */
function latin1([text, encoding]: readonly PickleValue[]): Uint8Array | undefined {
  // A text that was too long to be read is opaque.
  const isText = typeof text === 'string' || (isOpaque(text) && text.name === 'str');
  return isText && encoding === 'latin1' ? new Uint8Array(0) : undefined;
}

function bytes([content]: readonly PickleValue[]): PickleValue {
  return content instanceof Uint8Array ? content : new Uint8Array(0);
}

/** Protocols 0 and 1 make an instance of a class by `_reconstructor(class, base, state)`. */
function reconstructor([type]: readonly PickleValue[]): PickleValue | undefined {
  return isGlobal(type) ? type.construct([]) : undefined;
}

/** `getattr(owner, name)`: a method of mmengine's, or a class within a class, or a method, of which nothing is known. */
function attribute([owner, method]: readonly PickleValue[]): PickleValue | undefined {
  const name = typeof owner === 'string' || isGlobalText(owner) ? 'str' : isForeign(owner) ? owner.name : undefined;
  if (typeof method === 'string' && name !== undefined && isForeignData(name, method))
    return stranger(`${name}.${method}`);
  if (!isGlobal(owner) || !owner.name.endsWith('.HistoryBuffer')) return undefined;
  // mmengine's HistoryBuffer pickles its methods as getattr(HistoryBuffer, 'mean').
  if (!historyMethods.some((known) => known === method)) return undefined;
  return { kind: 'opaque', name: `${owner.name}.${String(method)}` };
}

function isForeign(value: PickleValue | undefined): value is PickleGlobal | PickleOpaque {
  return (isGlobal(value) && value.foreign === true) || (isOpaque(value) && value.foreign === true);
}

/** Python's class of texts. */
function isGlobalText(value: PickleValue | undefined): boolean {
  return isGlobal(value) && /^(?:builtins|__builtin__)\.(?:str|unicode)$/.test(value.name);
}
