import type { Shape } from '../core/tensor.js';
import type { WrappedNames } from './name_map.js';
import type { WeightsPlace } from './weights_place.js';

export interface Mismatch {
  readonly name: string;
  /** The network's shape. */
  readonly expected: Shape;
  /** The file's. */
  readonly received: Shape;
}

/** How a checkpoint meets a network. `num_batches_tracked` counts nowhere: inference does not use it. */
export interface LoadReport {
  readonly loaded: readonly string[];
  /** In the network and not in the file. */
  readonly missing: readonly string[];
  /** In the file and not in the network. */
  readonly unexpected: readonly string[];
  /** In both, with different shapes. */
  readonly mismatched: readonly Mismatch[];
  /** What stood before the network's names in the file and was taken off, where something did. */
  readonly unwrapped?: WrappedNames;
  /** Which set of the file's weights was taken, where it has several, or an average. */
  readonly place?: WeightsPlace;
}

/** The report in a few readable lines; long lists are cut. */
export function describeLoad(report: LoadReport): readonly string[] {
  const { loaded, missing, unexpected, mismatched, unwrapped, place } = report;
  return [
    ...(place === undefined ? [] : [placeLine(place)]),
    ...(unwrapped === undefined ? [] : [unwrappedLine(unwrapped)]),
    `loaded ${loaded.length} of ${loaded.length + missing.length + mismatched.length} parameters`,
    ...missingLines(missing, ' (initial values are used)'),
    ...mismatchedLines(mismatched),
    ...(unexpected.length === 0 ? [] : [`not used (${unexpected.length}): ${handful(unexpected)}`]),
  ];
}

/** The first few, and how many more. */
export function handful(items: readonly string[], count = 5): string {
  const rest = items.length - count;
  return rest > 0 ? `${items.slice(0, count).join(', ')} and ${rest} more` : items.join(', ');
}

/** @param note - after the count */
export function missingLines(missing: readonly string[], note: string): readonly string[] {
  return missing.length === 0 ? [] : [`missing (${missing.length})${note}: ${handful(missing)}`];
}

export function mismatchedLines(mismatched: readonly Mismatch[]): readonly string[] {
  if (mismatched.length === 0) return [];
  const shapes = mismatched.map(
    ({ name, expected, received }) => `${name} expected [${expected.join(', ')}] received [${received.join(', ')}]`,
  );
  return [`of another shape (${mismatched.length}): ${handful(shapes)}`];
}

function placeLine({ key, others, averaged }: WeightsPlace): string {
  const what = averaged ? ', an average over the steps of training, are used' : ' are used';
  const passed = others.length === 0 ? '' : `, not those under ${others.map((other) => `'${other}'`).join(', ')}`;
  const way = others.length === 0 ? '' : ' (--checkpoint-key, or the option checkpointKey, takes others)';
  return `the weights under '${key}'${what}${passed}${way}`;
}

function unwrappedLine({ prefix, others }: WrappedNames): string {
  const passed = others.length === 0 ? '' : `, and not those of ${others.map((other) => `'${other}'`).join(', ')}`;
  return `the weights under '${prefix}' are used${passed}`;
}
