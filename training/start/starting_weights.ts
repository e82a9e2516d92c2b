/** What training starts from: a checkpoint, what an `init_cfg` names, and for the rest how OpenMMLab and torch fill modules. */
import { LowformerError } from '../../core/errors.js';
import type { Note } from '../../core/notes.js';
import type { Tensor, Tensors } from '../../core/tensor.js';
import { type FetchOptions, fetchedFile } from '../../models/fetch_checkpoint.js';
import type { OpenedConfig } from '../../models/open_config.js';
import { describeLoad } from '../../weights/load_report.js';
import { freshWeights } from './fresh_weights.js';
import { openStartingPoint } from './starting_point.js';
import { writtenStarts } from './written_start.js';

export interface StartingOptions extends FetchOptions {
  /** Of the run. */
  readonly seed: number;
  /** A file or an address; by default the config's `load_from`. */
  readonly checkpoint?: string | undefined;
  /** Where the weights lie in the file. */
  readonly checkpointKey?: string | undefined;
  /** Parts of the network that stay as they were initialised, whatever the checkpoint has. */
  readonly allowMismatch?: readonly string[];
}

export interface StartingWeights {
  /** The whole state_dict by name, in arrays of their own. */
  readonly weights: Tensors;
  /** What was loaded from where, and what was not. */
  readonly notes: readonly Note[];
}

/**
 * A checkpoint of the whole network comes before the `init_cfg`s. Of a detector or segmentor with other classes the layers
 * that the classes decide start anew; a part of the network that the file has nothing of (neck and head of a classifier)
 * does so too: both are said.
 * @throws {LowformerError} `checkpoint-mismatch` for a file of another network; `checkpoint-values` for NaN and infinity in
 *   it; `invalid-config` for an `init_cfg` that is not followed; whatever reading or fetching the file throws.
 */
export async function startingWeights(opened: OpenedConfig, options: StartingOptions): Promise<StartingWeights> {
  const { model } = opened;
  const { seed, checkpoint = opened.checkpoint, checkpointKey, allowMismatch = [], ...fetching } = options;
  const { pretrained, chance } = writtenStarts(opened);
  const fresh = freshWeights(model, seed, chance);
  const [part] = pretrained;
  const named = checkpoint ?? part?.checkpoint;
  if (named === undefined) {
    if (checkpointKey !== undefined) throw keyOfNothing(checkpointKey);
    return {
      weights: filled(opened, fresh),
      notes: [note('weights', `training starts from nothing, with seed ${seed}`)],
    };
  }
  const file = await fetchedFile(localName(named, checkpoint === undefined ? part?.path : undefined), fetching);
  const own = checkpoint === undefined && part !== undefined ? { prefix: part.prefix, within: part.within } : undefined;
  using point = await openStartingPoint(opened, { file, checkpointKey, allowMismatch, part: own });
  const weights = filled(opened, (name, shape) => {
    return point.report.loaded.includes(name) ? copied(point.parameters(name)) : fresh(name, shape);
  });
  const notes = [...describeLoad(point.report), ...point.anew];
  return { weights, notes: notes.map((line) => note(file, line)) };
}

function filled({ model }: OpenedConfig, value: (name: string, shape: readonly number[]) => Tensor): Tensors {
  return Object.fromEntries(
    [...model.wholeGraph.parameters.values()].map(({ name, shape }) => [name, value(name, shape)]),
  );
}

/** A file's values may be a view of memory that it reads into. */
function copied({ shape, data }: Tensor): Tensor {
  return { shape, data: data.slice() };
}

function note(where: string, message: string): Note {
  return { kind: 'starting-weights', where, message, count: 1, examples: [] };
}

/** mmengine's names of published files, which it has a list of. */
const LISTED = /^(?!https?:)[\w-]+:\/\//;

function localName(checkpoint: string, where: string | undefined): string {
  if (!LISTED.test(checkpoint)) return checkpoint;
  const expected = 'a file, or an address that begins with https://';
  throw new LowformerError({
    code: 'invalid-config',
    where: where === undefined ? 'checkpoint' : `${where}.checkpoint`,
    expected,
    received: checkpoint,
    hint: "mmengine's lists of published files are not known here. Download the file once, and name it; without it, set the init_cfg to null: training then starts from nothing.",
  });
}

function keyOfNothing(received: string): LowformerError {
  const expected = 'a checkpoint that it is of';
  return new LowformerError({ code: 'invalid-argument', where: 'checkpointKey', expected, received });
}
