import type { CheckpointFacts } from '../core/checkpoint_facts.js';
import { LowformerError, nearestName } from '../core/errors.js';
import { sameShape } from '../core/tensor.js';
import { extraLayers } from './extra_layers.js';
import { fittingSize } from './fitting_size.js';
import { handful, type LoadReport, type Mismatch, mismatchedLines, missingLines } from './load_description.js';
import { mismatchAdvice } from './mismatch_advice.js';
import { isPartOf } from './part_of.js';
import { isCounter, type ParameterShape, type StateDict, type StoredTensor } from './state_dict.js';
import { notPlain } from './unread_types.js';

export { describeLoad, type LoadReport, type Mismatch } from './load_description.js';
export type { ParameterShape } from './state_dict.js';

export interface LoadOptions {
  /** The checkpoint's file, for messages. */
  readonly path: string;
  /** Parts of the network, by whole dotted parts of a name (`neck`, `bbox_head.retina_cls`), that may stay unfilled. */
  readonly allowMismatch?: readonly string[];
  /** What the network's parts know of their checkpoints, for the advice. */
  readonly facts?: readonly CheckpointFacts[];
}

/**
 * Compares a network's parameters with a checkpoint's tensors (no values are read).
 * @throws {LowformerError} `checkpoint-mismatch` for a missing or mismatched parameter, or for layers of the file inside
 * parts of the network that lack them, that no name in `allowMismatch` covers, and whenever nothing at all would be
 * loaded; `unreadable-checkpoint` for a parameter whose values are of a kind that is not read (complex, sparse);
 * `invalid-argument` for a name in `allowMismatch` that is no part of the network.
 */
export function loadReport(
  parameters: readonly ParameterShape[],
  tensors: StateDict,
  { path, allowMismatch = [], facts = [] }: LoadOptions,
): LoadReport {
  checkNames(parameters, allowMismatch);
  const { unread, ...report } = compare(parameters, tensors);
  const isAllowed = (name: string) => allowMismatch.some((part) => isPartOf(name, part));
  const refused = unread.filter(({ name }) => !isAllowed(name));
  if (refused.length > 0) throw notPlain(path, refused);
  const missing = report.missing.filter((name) => !isAllowed(name));
  const mismatched = report.mismatched.filter(({ name }) => !isAllowed(name));
  const extra = extraLayers(report.unexpected, parameters, facts).filter(({ module }) => !isAllowed(module));
  const fits = missing.length === 0 && mismatched.length === 0 && report.loaded.length > 0;
  if (fits && extra.length === 0) return report;

  const total = report.loaded.length + report.missing.length + report.mismatched.length;
  if (total === 0) return report;
  if (fits) throw otherLayers(path, extra, fittingSize(parameters, tensors, facts));
  const faults = [...missingLines(missing, ''), ...mismatchedLines(mismatched)];
  const advice = mismatchAdvice(report, parameters, tensors, isAllowed, facts);
  throw new LowformerError({
    code: 'checkpoint-mismatch',
    where: path,
    expected: `tensors for all ${total} parameters of the network`,
    received: report.loaded.length,
    hint: [...faults, ...advice.library].join('; '),
    commandHint: [...faults, ...advice.commandLine].join('; '),
  });
}

/**
 * What fits tensor by tensor, but is of a network with more layers: without them its numbers would be wrong.
 * @param size which of the published sizes it is of, as a sentence.
 */
function otherLayers(path: string, extra: ReturnType<typeof extraLayers>, size: string | undefined): LowformerError {
  const [modules, names] = [[...new Set(extra.map(({ module }) => module))], extra.map(({ name }) => name)];
  const reason =
    size ??
    'the file is of a deeper network, or of one with other layers: check depth and form of the parts in the config';
  const parts = modules.length > 8 ? [...new Set(modules.map((module) => module.split('.', 1)[0] ?? module))] : modules;
  const list = parts.map((part) => `'${part}'`).join(', ');
  return new LowformerError({
    code: 'checkpoint-mismatch',
    where: path,
    expected: 'no layers inside the parts of the network that these lack',
    received: names.length,
    hint: `${handful(names)}; ${reason}; to load the rest without them: allowMismatch: [${list}]`,
    commandHint: `${handful(names)}; ${reason}; to load the rest without them: --allow-mismatch ${parts.join(' ')}`,
  });
}

/** Those that cannot be read count as missing. */
function compare(parameters: readonly ParameterShape[], tensors: StateDict) {
  const unread: (StoredTensor & { readonly name: string })[] = [];
  const loaded: string[] = [];
  const missing: string[] = [];
  const mismatched: Mismatch[] = [];
  const known = new Set<string>();
  for (const { name, shape } of parameters) {
    known.add(name);
    if (isCounter(name)) continue;
    const tensor = tensors.get(name);
    if (tensor?.unread !== undefined) unread.push({ ...tensor, name });
    if (tensor === undefined || tensor.unread !== undefined) missing.push(name);
    else if (sameShape(tensor.shape, shape)) loaded.push(name);
    else mismatched.push({ name, expected: shape, received: tensor.shape });
  }
  const unexpected = [...tensors.keys()].filter((name) => !known.has(name) && !isCounter(name));
  return { loaded, missing, unexpected, mismatched, unread };
}

function checkNames(parameters: readonly ParameterShape[], allowMismatch: readonly string[]): void {
  for (const part of allowMismatch) {
    if (parameters.some(({ name }) => isPartOf(name, part))) continue;
    const parts = new Set(parameters.flatMap(({ name }) => prefixes(name)));
    const nearest = nearestName(part, [...parts]);
    const roots = [...new Set(parameters.map(({ name }) => name.split('.', 1)[0] ?? name))];
    throw new LowformerError({
      code: 'invalid-argument',
      where: 'allow-mismatch',
      expected: 'names of parts of the network',
      received: part,
      hint: nearest === undefined ? `Its parts are ${handful(roots, 8)}.` : `Did you mean '${nearest}'?`,
    });
  }
}

/** `a`, `a.b`, `a.b.c` of `a.b.c`. */
function prefixes(name: string): readonly string[] {
  const parts = name.split('.');
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
}
