import type { Log } from '../../core/log.js';
import { collectNotes, noteText } from '../../core/notes.js';
import { openConfig } from '../../models/open_config.js';
import type { LowformerConfig } from '../../tasks/config.js';
import { dryRun } from '../../training/dry_run/dry_run.js';
import { timedValidation } from '../../training/dry_run/timed_validation.js';
import { type OpenTrainingOptions, openTraining } from '../../training/open_training.js';
import { writeReport } from '../write_report.js';
import { dryRunReport } from './dry_run_report.js';

/**
 * Builds everything, makes a few steps, and says what the whole run would take.
 * @throws {LowformerError} for whatever is wrong with config, data, checkpoint or device, as in the run's first steps.
 */
export async function runDry(
  config: string | LowformerConfig,
  { cfgOptions, ...options }: OpenTrainingOptions & { readonly cfgOptions: readonly string[] },
  { json, log }: { readonly json: string | undefined; readonly log: Log },
): Promise<void> {
  const opened = await openConfig(config, cfgOptions);
  const timed = timedValidation();
  await using training = await openTraining(opened, { ...options, watcher: timed.watcher });
  const { setup, workers } = training;
  for (const note of setup.notes ?? []) log.warn(noteText(note));
  log.say('everything is built; a few steps are made');
  const { validate } = setup;
  const found = await dryRun({
    ...setup,
    workers,
    validation: validate === undefined ? undefined : { validate, timed },
    signal: options.signal,
  });
  await writeReport(dryRunReport(found), { json, log, notes: collectNotes() });
}
