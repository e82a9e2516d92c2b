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

/**
 * Applies the rules, one after another, to every name; order and tensors stay. A third party's checkpoint is read by
 * a list of rules of its own.
 * @param path - the file, for the error
 * @throws {LowformerError} `unreadable-checkpoint` when two tensors would get one name.
 */
export function renameKeys(path: string, tensors: StateDict, rules: readonly NameRule[]): StateDict {
  const renamed = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const newName = rules.reduce((text, { pattern, replacement }) => text.replace(pattern, replacement), name);
    if (renamed.has(newName)) {
      throw unreadable(path, 'names that stay different', { received: newName, hint: `'${name}' becomes it too.` });
    }
    renamed.set(newName, tensor);
  }
  return renamed;
}

/**
 * The prefix (`backbone.`) that every name of the file lacks: where at least half of the file's names are names of
 * the network's once it is put before them, and fewer are as they stand. Such a file is a bare backbone, saved
 * without the model around it. undefined for any other file.
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
 * The file's tensors under the network's names: old official names are brought up to date, and a bare backbone is
 * given the prefix that it lacks.
 * @param path - the file, for the error
 */
export function fitNames(path: string, tensors: StateDict, parameters: readonly ParameterShape[]): StateDict {
  const current = renameKeys(path, tensors, officialNames);
  const prefix = lackingPrefix(parameters, current);
  return prefix === undefined ? current : renameKeys(path, current, [{ pattern: /^/, replacement: prefix }]);
}
