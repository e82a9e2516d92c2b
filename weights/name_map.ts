import { unreadable } from './byte_source.js';
import type { ParameterShape, StateDict, StoredTensor } from './state_dict.js';

/** One way in which a file's names differ from the network's: what `pattern` matches is replaced (as `String.replace`). */
export interface NameRule {
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** What DataParallel and torch.compile put before every name. */
export const plainPrefixes: readonly NameRule[] = [{ pattern: /^(?:module\.|_orig_mod\.)+/, replacement: '' }];

/** The official LowFormer code called the layers of the classifier's head `head.opseq` once, before `head`. */
export const officialNames: readonly NameRule[] = [{ pattern: /^head\.opseq\./, replacement: 'head.' }];

/** The official CPUBone code numbered the layers of `conv_proj` once, as LowFormer's still does. */
export const numberedProjection: readonly NameRule[] = [
  { pattern: /\.conv_proj\.0\./, replacement: '.conv_proj.conv.' },
  { pattern: /\.conv_proj\.1\./, replacement: '.conv_proj.norm.' },
];

/**
 * Applies the rules, one after another, to every name; order and tensors stay. A third party's checkpoint is read by
 * a list of rules of its own.
 * @param path - the file, for the error
 * @throws {LowformerError} `unreadable-checkpoint` when two tensors would get one name.
 */
export function renameKeys(path: string, tensors: StateDict, rules: readonly NameRule[]): StateDict {
  return renameEach(path, tensors, (name) =>
    rules.reduce((text, { pattern, replacement }) => text.replace(pattern, replacement), name),
  );
}

function renameEach(path: string, tensors: StateDict, newNameOf: (name: string) => string): StateDict {
  const renamed = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const newName = newNameOf(name);
    if (renamed.has(newName)) {
      throw unreadable(path, 'names that stay different', { received: newName, hint: `'${name}' becomes it too.` });
    }
    renamed.set(newName, tensor);
  }
  return renamed;
}

/**
 * The prefix (`backbone.`) that the file's names lack: where at least half of them are names of the network's once it is
 * put before them, and fewer are as they stand. Such a file is a bare backbone, saved without the model around it, or a
 * classifier of timm's or torchvision's, whose backbone has no name of its own. undefined for any other file.
 */
export function lackingPrefix(parameters: readonly ParameterShape[], tensors: StateDict): string | undefined {
  const known = new Set(parameters.map(({ name }) => name));
  const names = [...tensors.keys()].filter((name) => !name.endsWith('.num_batches_tracked'));
  const matches = (prefix: string) => names.filter((name) => known.has(prefix + name)).length;
  const prefixes = new Set([...known].map((name) => name.slice(0, name.indexOf('.') + 1)));
  prefixes.delete('');
  const [best] = [...prefixes].map((prefix) => ({ prefix, count: matches(prefix) })).sort((a, b) => b.count - a.count);
  return best !== undefined && best.count * 2 >= names.length && best.count > matches('') ? best.prefix : undefined;
}

/**
 * The file's tensors under the network's names: old official names are brought up to date, and where the names lack a
 * prefix, each is given it, or `head.` where that makes it a name of the classifier's (torchvision's `fc.weight`). A name
 * that the network does not have either way stays as it is in the file.
 * @param path - the file, for the error
 */
export function fitNames(path: string, tensors: StateDict, parameters: readonly ParameterShape[]): StateDict {
  const isNamed = parameters.some(({ name }) => name.includes('.conv_proj.conv.'));
  const current = renameKeys(path, tensors, isNamed ? [...officialNames, ...numberedProjection] : officialNames);
  const prefix = lackingPrefix(parameters, current);
  if (prefix === undefined) return current;
  const known = new Set(parameters.map(({ name }) => name));
  const isFree = (name: string) => known.has(name) && !current.has(name);
  return renameEach(path, current, (name) =>
    known.has(name) ? name : ([prefix + name, `head.${name}`].find(isFree) ?? name),
  );
}
