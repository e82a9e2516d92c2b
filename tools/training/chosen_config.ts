/** What is to be trained: a config that is named, that of a run that goes on, or one that follows from pictures. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../core/log.js';
import { collectNotes } from '../../core/notes.js';
import { formatJson } from '../../files/format_json.js';
import { tellNotes } from '../../scoring/report.js';
import type { LowformerConfig } from '../../tasks/config.js';
import { openRunFolder } from '../../training/folder/run_folder.js';
import { type AnnotatedFolder, configFromPictures } from '../../training/from_pictures/config_from_pictures.js';
import { measureStep, type StepEngine } from '../../training/from_pictures/measured_step.js';
import { writeStdout } from '../standard_streams.js';

/** What the user has named. */
export interface TrainingCall {
  readonly named: string | undefined;
  readonly workDir: string | undefined;
  readonly resume: boolean;
  readonly dryRun: boolean;
  /** `strict`: what is noted while they are read is an error. */
  readonly pictures: (AnnotatedFolder & { readonly strict: boolean }) | undefined;
}

interface Surroundings {
  readonly seed: number | undefined;
  readonly stepEngine: StepEngine;
  readonly json: string | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Disposing of it removes what was written for a run that is not begun. */
export interface ChosenConfig extends AsyncDisposable {
  readonly config: string | LowformerConfig;
}

/** @throws {LowformerError} as `configFromPictures`; for a folder with another run in it, before anything is measured. */
export async function chosenConfig(call: TrainingCall, surroundings: Surroundings): Promise<ChosenConfig> {
  const { named, workDir, resume, pictures } = call;
  // A run that goes on has its config, and the parts of its data, in its folder.
  if (pictures === undefined || resume) return { config: named ?? join(workDir ?? '', 'config.json'), ...kept };
  const own = call.dryRun || workDir === undefined ? await mkdtemp(join(tmpdir(), 'lowformer-dry-run-')) : undefined;
  const remove = async () => {
    if (own !== undefined) await rm(own, { recursive: true, force: true });
  };
  try {
    const folder = own ?? (await freeFolder(workDir ?? ''));
    return { config: await fromPictures(pictures, folder, surroundings), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

const kept = { [Symbol.asyncDispose]: async () => {} };

/** @throws {LowformerError} where a run is in it. */
async function freeFolder(folder: string): Promise<string> {
  await using _ = await openRunFolder(folder, false);
  return folder;
}

async function fromPictures(
  { strict, ...pictures }: NonNullable<TrainingCall['pictures']>,
  folder: string,
  { seed, stepEngine, json, log, signal }: Surroundings,
) {
  const notes = collectNotes();
  log.say('no config: one is made from the pictures');
  const { config, told } = await configFromPictures(pictures, {
    folder,
    seed: seed ?? 0,
    notes,
    measure: (measured, batch) => {
      signal.throwIfAborted();
      tellNotes(notes, { strict, log });
      return measureStep(measured, batch, stepEngine);
    },
  });
  for (const line of told) log.say(line);
  // stdout is the record's where that was asked for.
  if (json === '-') log.say(formatJson(config));
  else await writeStdout(`${formatJson(config)}\n`);
  return config;
}
