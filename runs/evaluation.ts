import type { Log } from '../core/log.js';
import type { Notes } from '../core/notes.js';
import type { Result } from '../core/results.js';
import type { MetaInfo } from '../data/metainfo.js';
import type { OpenedConfig } from '../models/open_config.js';
import type { LoadOptions } from '../models/options.js';
import type { Report } from '../scoring/report.js';
import type { RunIdentity } from './journal.js';
import type { PictureOptions, PictureRunner } from './picture_runner.js';
import type { Shard } from './shards.js';

/** How a model will run. */
export interface SettledRun {
  readonly load: LoadOptions;
  /** Of config, checkpoint and whatever else changes results. */
  readonly identity: RunIdentity;
}

/** What evaluating has in common, whatever the task. */
export interface Evaluation {
  readonly opened: OpenedConfig;
  readonly classes: MetaInfo;
  readonly numClasses: number;
  /** Called once, when nothing is wrong with the dataset: choosing an engine may take seconds. */
  readonly settle: () => Promise<SettledRun>;
  /** Runs the pictures in place of a model in this process; `R` is of the model's own task. */
  readonly elsewhere?: <R extends Result>(pictures: number) => Promise<PictureRunner<R>>;
  readonly batchSize: number;
  /** Of a model in this process. */
  readonly pictures?: PictureOptions;
  readonly shard: Shard | undefined;
  readonly predictions: string | undefined;
  /** Where the journal goes. */
  readonly journal: string;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** What was noted of the dataset; figures go with it. */
  readonly notes: Notes;
  /** Says it, once the dataset is read and before a model runs. @throws {LowformerError} where nothing may be noted. */
  readonly tell: () => void;
  /** Says what was noted since, and does not refuse it: the work is done. */
  readonly tellNew: () => void;
  /** Hands out the figures; the journal is removed once that is done. */
  readonly write: (report: Report) => Promise<void>;
}
