import type { CheckpointFacts, NameRule } from '../core/checkpoint_facts.js';
import { unreadable } from './byte_source.js';
import type { ParameterShape, StateDict, StoredTensor } from './state_dict.js';

/** What names are read by: a part's dialects. */
export type PartNames = Pick<CheckpointFacts, 'prefix' | 'names' | 'places'>;

/** What DataParallel and torch.compile put before every name. */
export const plainPrefixes: readonly NameRule[] = [{ pattern: /^(?:module\.|_orig_mod\.)+/, replacement: '' }];

/**
 * Applies the rules, one after another, to every name; order and tensors stay.
 * @param path - the file, for the error
 * @throws {LowformerError} `unreadable-checkpoint` when two tensors would get one name.
 */
export function renameKeys(path: string, tensors: StateDict, rules: readonly NameRule[]): StateDict {
  return renameEach(path, tensors, (name) => renamed(name, rules));
}

/** A name by the rules, one after another. */
export function renamed(name: string, rules: readonly NameRule[]): string {
  return rules.reduce((text, { pattern, replacement }) => text.replace(pattern, replacement), name);
}

function renameEach(path: string, tensors: StateDict, newNameOf: (name: string) => string): StateDict {
  const result = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const newName = newNameOf(name);
    if (result.has(newName)) {
      throw unreadable(path, 'names that stay different', { received: newName, hint: `'${name}' becomes it too.` });
    }
    result.set(newName, tensor);
  }
  return result;
}

/** A network's names, and how its parts read those of other dialects. */
interface Naming {
  readonly known: ReadonlySet<string>;
  /** Of the parts: `backbone.`, `head.`; in the order of the network's parameters. */
  readonly prefixes: readonly string[];
  /** The name in a part whose prefix the file has left out, or has as well. */
  inPart(prefix: string, bare: string): string;
  /** The network's name of one with a part's prefix, or with its place in another library's networks. */
  own(name: string): string | undefined;
}

function namingOf(parameters: readonly ParameterShape[], parts: readonly PartNames[]): Naming {
  const known = new Set(parameters.map(({ name }) => name));
  // A part may lie deeper: of several necks the first is `neck.0.`.
  const prefixOf = (name: string) =>
    parts.find(({ prefix }) => name.startsWith(prefix))?.prefix ?? name.slice(0, name.indexOf('.') + 1);
  const prefixes = new Set([...known].map(prefixOf));
  prefixes.delete('');
  const rules = new Map(parts.map(({ prefix, names }) => [prefix, names]));
  const inPart = (prefix: string, bare: string) => {
    const own = rules.get(prefix) ?? [];
    const found = readings(bare, own).find((name) => known.has(prefix + name));
    return prefix + (found ?? renamed(bare, own));
  };
  return {
    known,
    prefixes: [...prefixes],
    inPart,
    own(name) {
      const prefix = [...prefixes].find((start) => name.startsWith(start));
      const own = prefix === undefined ? name : inPart(prefix, name.slice(prefix.length));
      return known.has(own) ? own : placedNames(name, parts).find((placed) => known.has(placed));
    },
  };
}

/** What a name is in the network by the places that parts have in those of other libraries: `backbone.body.conv1.weight`. */
export function placedNames(name: string, parts: readonly PartNames[]): readonly string[] {
  return parts.flatMap(({ prefix, names, places = [] }) =>
    places.filter((place) => name.startsWith(place)).map((place) => prefix + renamed(name.slice(place.length), names)),
  );
}

/**
 * What a name inside a part may mean: itself, by the part's rules, and both where timm's `features_only` has joined the names of a
 * sequence and of a module in it (`stages_0.blocks.1` of `stages.0.blocks.1`, `stem_in_conv` of `stem.in_conv`).
 */
export function readings(bare: string, rules: readonly NameRule[]): readonly string[] {
  const current = renamed(bare, rules);
  return [bare, current, ...separated(bare).map((name) => renamed(name, rules)), ...separated(current)];
}

/** Each `_` of the first module's name in turn a dot. */
function separated(name: string): readonly string[] {
  const end = name.indexOf('.');
  const first = name.slice(0, Math.max(end, 0));
  return [...first.matchAll(/(?<=[^_])_(?=[^_])/g)].map(
    ({ index }) => `${name.slice(0, index)}.${name.slice(index + 1)}`,
  );
}

/**
 * The prefix (`backbone.`) that the file's names lack: where at least half of them are names of the network's once it is
 * put before them, and fewer are as they stand. Such a file is a bare backbone, saved without the model around it, or a
 * classifier of timm's or torchvision's, whose backbone has no name of its own. undefined for any other file.
 */
export function lackingPrefix(
  parameters: readonly ParameterShape[],
  tensors: StateDict,
  parts: readonly PartNames[] = [],
): string | undefined {
  return lacking(namingOf(parameters, parts), tensors);
}

function lacking({ known, prefixes, inPart }: Naming, tensors: StateDict): string | undefined {
  const names = [...tensors.keys()].filter((name) => !name.endsWith('.num_batches_tracked'));
  const matches = (nameOf: (name: string) => string) => names.filter((name) => known.has(nameOf(name))).length;
  const [best] = prefixes
    .map((prefix) => ({ prefix, count: matches((name) => inPart(prefix, name)) }))
    .sort((a, b) => b.count - a.count);
  return best !== undefined && best.count * 2 >= names.length && best.count > matches((name) => name)
    ? best.prefix
    : undefined;
}

/** What a trainer has put before the names of a network inside it, and who else in the file has such names. */
export interface WrappedNames {
  /** `model.`, `teacher.`. */
  readonly prefix: string;
  /** Networks of the same names that were passed over: `student.`. */
  readonly others: readonly string[];
}

/** Parts of a name that may be a trainer's: `student.module.`. */
const MOST_WRAPPERS = 3;

/**
 * What stands before all of the network's names in the file: trainers keep the network as a part of themselves
 * (Lightning's `model.`, mmdet's `detector.`). Of a student and its teacher, the teacher is meant, as mmdet's semi-supervised
 * detectors predict; among others that fit as well none is chosen. undefined where the names fit as they are.
 */
export function wrappedNames(
  parameters: readonly ParameterShape[],
  tensors: StateDict,
  parts: readonly PartNames[] = [],
): WrappedNames | undefined {
  const { known, prefixes, inPart, own } = namingOf(parameters, parts);
  const fits = (name: string) => own(name) !== undefined;
  const counts = new Map<string, number>();
  let asTheyAre = 0;
  for (const name of tensors.keys()) {
    if (name.endsWith('.num_batches_tracked')) continue;
    if (fits(name) || prefixes.some((prefix) => known.has(inPart(prefix, name)))) asTheyAre++;
    for (
      let dot = name.indexOf('.'), depth = 1;
      dot > 0 && depth <= MOST_WRAPPERS;
      dot = name.indexOf('.', dot + 1), depth++
    ) {
      if (fits(name.slice(dot + 1))) counts.set(name.slice(0, dot + 1), (counts.get(name.slice(0, dot + 1)) ?? 0) + 1);
    }
  }
  const most = Math.max(asTheyAre, ...counts.values());
  // A few names that fit by chance are no network.
  const found = [...counts].filter(([, count]) => count > asTheyAre && count * 2 > most).map(([prefix]) => prefix);
  const prefix = found.length === 1 ? found[0] : found.find((name) => /^(?:\w+\.)*teacher\.(?:module\.)?$/.test(name));
  return prefix === undefined ? undefined : { prefix, others: found.filter((other) => other !== prefix) };
}

/** Names as the network has them, where a trainer put something before them; those of others stay. */
export function unwrapNames(path: string, tensors: StateDict, wrapped: WrappedNames | undefined): StateDict {
  if (wrapped === undefined) return tensors;
  const { prefix } = wrapped;
  return renameEach(path, tensors, (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name));
}

/**
 * The file's tensors under the network's names: the dialects that its parts know are translated, and where the names lack
 * a prefix, each is given it, or that of another part where it makes it a name of the network's (torchvision's
 * `fc.weight`). A name that the network does not have either way stays as it is in the file.
 * @param path - the file, for the error
 * @param parts - what the network's parts know of other dialects
 */
export function fitNames(
  path: string,
  tensors: StateDict,
  parameters: readonly ParameterShape[],
  parts: readonly PartNames[] = [],
): StateDict {
  const naming = namingOf(parameters, parts);
  const { known, prefixes, inPart } = naming;
  const current = renameEach(path, tensors, (name) => naming.own(name) ?? name);
  const missing = lacking(naming, current);
  if (missing === undefined) return current;
  const order = [missing, ...prefixes.filter((prefix) => prefix !== missing)];
  const isFree = (name: string) => known.has(name) && !current.has(name);
  return renameEach(path, current, (name) =>
    known.has(name) ? name : (order.map((prefix) => inPart(prefix, name)).find(isFree) ?? name),
  );
}
