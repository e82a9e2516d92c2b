/** A checkpoint that training starts from: what of the network it has, and what need not be in it. */

import type { NetworkWeights } from '../../models/fitted_weights.js';
import { openWeights } from '../../models/network_weights.js';
import type { OpenedConfig } from '../../models/open_config.js';
import type { LoadReport } from '../../weights/load_report.js';
import type { StateDict } from '../../weights/state_dict.js';

export interface StartingPoint extends NetworkWeights {
  readonly report: LoadReport;
  /** What starts anew although the file has something of its name, a line each. */
  readonly anew: readonly string[];
}

export interface StartingPointOptions {
  readonly file: string;
  readonly checkpointKey: string | undefined;
  readonly allowMismatch: readonly string[];
  /** The part that the file is of, of an `init_cfg`; `within` is what its names begin with there. */
  readonly part: { readonly prefix: string; readonly within: string | undefined } | undefined;
}

/**
 * The file is looked at twice: first for what it has at all, then strictly, but for what follows from other classes and for
 * parts that it knows nothing of.
 * @throws {LowformerError} as `openWeights`.
 */
export async function openStartingPoint(opened: OpenedConfig, options: StartingPointOptions): Promise<StartingPoint> {
  const { file: checkpoint, checkpointKey, part } = options;
  const { model } = opened;
  const roots = model.checkpointFacts.map(({ prefix }) => prefix.slice(0, -1));
  const select = part === undefined ? undefined : selection(part);
  const reading = { checkpoint, checkpointKey, ...(select === undefined ? {} : { select }) };

  using lenient = await openWeights(model, { ...reading, allowMismatch: roots });
  const { loaded = [], mismatched = [] } = lenient.report ?? {};
  const layers = model.checkpointFacts.flatMap(({ prefix, classLayers }) => classLayers.map((layer) => prefix + layer));
  const isOf = (layer: string, name: string) => name === layer || name.startsWith(`${layer}.`);
  const renamed = part === undefined && hasOtherClasses(opened, lenient.dataset?.classes);
  const others = layers.filter((layer) => renamed || mismatched.some(({ name }) => isOf(layer, name)));
  const absent = roots.filter((root) => !loaded.some((name) => isOf(root, name)));
  const allowMismatch = [...options.allowMismatch, ...others, ...absent];

  const strict = await openWeights(model, { ...reading, allowMismatch });
  if (strict.report === undefined) throw new TypeError('a checkpoint was opened, and nothing is said of it');
  const isTaken = (name: string) => name.startsWith(part?.prefix ?? '') && !others.some((layer) => isOf(layer, name));
  return {
    ...strict,
    report: { ...strict.report, loaded: strict.report.loaded.filter(isTaken) },
    anew: others.map((layer) => `${layer} starts anew: the file is of other classes`),
  };
}

/** Whether the file says by name that its classes are not the config's, or not in its order. */
function hasOtherClasses({ metaInfo, model }: OpenedConfig, classes: readonly string[] | undefined): boolean {
  if (classes === undefined || metaInfo === undefined) return false;
  const own = model.thresholded && classes.length === 1 ? metaInfo.classes.slice(1) : metaInfo.classes;
  return own.length !== classes.length || own.some((name, i) => name !== classes[i]);
}

/** Names of a part's own file, as the network has them. */
function selection({ prefix, within }: NonNullable<StartingPointOptions['part']>) {
  if (within === undefined) return undefined;
  return (tensors: StateDict): StateDict =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(within))
        .map(([name, stored]) => [`${prefix}${name.slice(within.length).replace(/^\./, '')}`, stored]),
    );
}
