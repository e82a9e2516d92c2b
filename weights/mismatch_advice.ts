import type { CheckpointFacts } from '../core/checkpoint_facts.js';
import { fittingSize } from './fitting_size.js';
import { handful, type LoadReport } from './load_description.js';
import { lackingPrefix } from './name_map.js';
import { isPartOf } from './part_of.js';
import type { ParameterShape, StateDict } from './state_dict.js';

export interface Advice {
  readonly library: readonly string[];
  readonly commandLine: readonly string[];
}

/**
 * What is probably the matter between a checkpoint and a network, and what to do, as sentences without full stop: in the words
 * of the library, and in those of the command line.
 * @param isAllowed - whether the user has allowed this parameter to stay unfilled
 * @param facts - what the network's parts know of their checkpoints
 */
export function mismatchAdvice(
  report: LoadReport,
  parameters: readonly ParameterShape[],
  tensors: StateDict,
  isAllowed: (name: string) => boolean,
  facts: readonly CheckpointFacts[],
): Advice {
  const prefix = lackingPrefix(parameters, tensors, facts);
  if (prefix !== undefined) {
    const lacking = `the file is a bare ${prefix.slice(0, -1)}: its names lack the prefix '${prefix}', which has to be put before them`;
    return { library: [lacking], commandLine: [lacking] };
  }
  const failed = [...report.missing, ...report.mismatched.map(({ name }) => name)];
  const advice: string[] = [];
  const loadedRoots = new Set(report.loaded.map(root));
  const size = fittingSize(parameters, tensors, facts);
  if (size !== undefined) {
    advice.push(size);
  } else if (report.loaded.length * 10 < failed.length && report.mismatched.length * 2 < failed.length) {
    const [own, wanted] = beginnings(
      [...tensors.keys()],
      parameters.map(({ name }) => name),
    );
    advice.push(`the file is of another model: its names begin with ${own}, the network's with ${wanted}`);
  } else if (report.mismatched.some(({ name }) => root(name) === 'backbone')) {
    advice.push("the file's backbone is of another size: check model.backbone of the config");
  } else if (report.missing.some((name) => root(name) === 'backbone') && loadedRoots.has('backbone')) {
    advice.push("the file's backbone has other layers: check model.backbone of the config");
  } else if (report.mismatched.length > 0 && report.mismatched.every(({ name }) => isOfClasses(name, facts))) {
    const [{ expected, received } = { expected: [], received: [] }] = report.mismatched;
    advice.push(
      `the class counts differ (the last layer has ${received[0]} outputs in the file, ${expected[0]} in the network)`,
    );
  }
  // What can do without the file: never the backbone, and nothing when nothing of the file fits.
  const refused = failed.filter((name) => !isAllowed(name));
  const parts = unfilledParts(refused, report, loadedRoots);
  if (parts === undefined) return { library: advice, commandLine: advice };
  const list = parts.map((part) => `'${part}'`).join(', ');
  const without = (option: string) => [...advice, `to load the rest and start these from initial values: ${option}`];
  return { library: without(`allowMismatch: [${list}]`), commandLine: without(`--allow-mismatch ${parts.join(' ')}`) };
}

/** Whether the number of classes decides the parameter's shape. */
function isOfClasses(name: string, facts: readonly CheckpointFacts[]): boolean {
  return facts.some(({ prefix, classLayers }) => classLayers.some((layer) => isPartOf(name, prefix + layer)));
}

/** The names to allow, as few as can be: a whole root where nothing of it was loaded, else the modules concerned. */
function unfilledParts(
  refused: readonly string[],
  report: LoadReport,
  loadedRoots: ReadonlySet<string>,
): readonly string[] | undefined {
  if (refused.length === 0 || report.loaded.length === 0 || refused.some((name) => root(name) === 'backbone')) {
    return undefined;
  }
  const parts = new Set(refused.map((name) => (loadedRoots.has(root(name)) ? parent(name) : root(name))));
  return parts.size > 8 ? [...new Set(refused.map(root))] : [...parts];
}

/** How two lists of names begin: by as many of their parts, up to three, as it takes to tell them apart. */
function beginnings(...lists: readonly [readonly string[], readonly string[]]): readonly [string, string] {
  const [own, wanted] = lists;
  for (let parts = 1; ; parts++) {
    const [a, b] = [starts(own, parts), starts(wanted, parts)] as const;
    if (parts === 3 || a.some((start) => !b.includes(start))) return [handful(a), handful(b)];
  }
}

function starts(names: readonly string[], parts: number): readonly string[] {
  return [...new Set(names.map((name) => name.split('.', parts).join('.')))];
}

function root(name: string): string {
  return name.split('.', 1)[0] ?? name;
}

function parent(name: string): string {
  const end = name.lastIndexOf('.');
  return end < 0 ? name : name.slice(0, end);
}
