/** What the parts of a network know of their checkpoints, for whoever reads one: no part's name is known anywhere else. */
import type { InitCfg } from './init_cfg.js';
import type { Shape } from './tensor.js';

/** One way in which a file's names differ from the network's: what `pattern` matches is replaced (as `String.replace`). */
export interface NameRule {
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** One of a part's published sizes. */
export interface PartSize {
  /** The config key that chooses it, and its value there: `depth`, 101. */
  readonly key: string;
  readonly value: string | number;
  /** What the part would have in that size, under its own names. */
  readonly parameters: readonly { readonly name: string; readonly shape: Shape }[];
}

/** Of one part; names are the part's own, without `prefix`. */
export interface CheckpointFacts {
  /** What its parameters are called by in the network: `backbone.`, `bbox_head.`. */
  readonly prefix: string;
  /** From other dialects of its names to the network's, applied one after another. */
  readonly names: readonly NameRule[];
  /** What its parameters begin with in the whole networks of other libraries: `backbone.body.`; none where absent. */
  readonly places?: readonly string[];
  /** Parameters, or modules of them, whose shapes follow from the number of classes: `retina_cls`. */
  readonly classLayers: readonly string[];
  /** Row-major values before training, or the one number that fills them; undefined where torch's own start is right. */
  initial(name: string, shape: Shape): Float32Array | number | undefined;
  /** How training fills its modules; torch's own start where absent. */
  readonly initCfg?: readonly InitCfg[];
  /** What its parameters would be in each size that a config may name; none where absent. Builds them: for errors. */
  readonly sizes?: () => readonly PartSize[];
}
