import type { Result } from '../core/results.js';
import { loadOpened } from '../models/loaded_model.js';
import { sessionsFor } from '../models/sessions_for.js';
import type { MetricReport } from '../scoring/metrics/opened_metric.js';
import type { Evaluation } from './evaluation.js';
import { type Journal, openJournal, type RunIdentity } from './journal.js';
import { modelRunner, type PictureRunner } from './picture_runner.js';
import { type PictureScoring, scorePictures } from './picture_scoring.js';
import { shardReport } from './shards.js';

/** What evaluating one task comes down to. */
export interface TaskRun<R extends Result, Kept> extends PictureScoring<R, Kept> {
  /** What else makes it another run, beside config, checkpoint and device. */
  readonly identity: RunIdentity;
  /** Writes what `--predictions` asks for, once every picture is done. @param run config, checkpoint and how they ran. */
  readonly keepPredictions?: (journal: Journal, run: RunIdentity) => Promise<void>;
  /** What is said of a shard beside its pictures. */
  readonly shardCounts?: () => Readonly<Record<string, number>>;
  /** The figures of all pictures. */
  readonly figures: () => Promise<MetricReport>;
}

/**
 * Runs a model over pictures, from a journal on where there is one, and hands out what came of it; of a shard, figures
 * would say little, and nothing of the whole.
 * @throws {LowformerError} as `openJournal`, `scorePictures` and whatever the task does; the journal keeps what is done.
 */
export async function runEvaluation<R extends Result, Kept>(
  evaluation: Evaluation,
  run: TaskRun<R, Kept>,
): Promise<void> {
  const { shard, log } = evaluation;
  const settled = await evaluation.settle();
  const identity = { ...settled.identity, ...run.identity, ...(shard ?? {}) };
  await using journal = await openJournal(evaluation.journal, { ...evaluation, identity, ids: run.ids });
  const load = async (pictures: number): Promise<PictureRunner<R>> => {
    if (evaluation.elsewhere !== undefined) return evaluation.elsewhere<R>(pictures);
    const sessions = sessionsFor(pictures, settled.load);
    return modelRunner(await loadOpened<R>(evaluation.opened, { ...settled.load, sessions }), evaluation.pictures);
  };
  await scorePictures<R, Kept>(load, run, { ...evaluation, journal });
  await run.keepPredictions?.(journal, settled.identity);
  if (shard === undefined) {
    const { warnings, ...report } = await run.figures();
    evaluation.tellNew();
    for (const warning of warnings) log.warn(warning);
    await evaluation.write(report);
  } else {
    await evaluation.write(shardReport(shard, run.ids.length, run.shardCounts?.() ?? {}));
  }
  await journal.finish();
}
