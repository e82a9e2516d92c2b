/** A run's config and weights, opened on a worker's machine: the same to the last byte, or not at all. */
import { existsSync } from 'node:fs';
import { LowformerError } from '../core/errors.js';
import { parsedJson } from '../core/parsed_json.js';
import { openConfigFor } from '../models/checkpoint_form.js';
import type { FetchOptions } from '../models/fetch_checkpoint.js';
import { type OpenedConfig, openedConfig } from '../models/opened_config.js';
import { resolveConfig } from '../registry/config_merge.js';
import { fileFingerprint, fingerprint } from '../runs/fingerprint.js';
import { mapPath, type PathPair } from './path_map.js';
import type { RunRecord } from './run_record.js';

export interface OpenRunOptions {
  /** Where the weights lie here, in place of where they lie there. */
  readonly checkpoint: string | undefined;
  readonly paths: readonly PathPair[];
  readonly fetching: FetchOptions;
}

const CONFIG = 'config of the queue';

/** @throws {LowformerError} where this machine cannot give the numbers that are asked for: what differs, and the way out. */
export async function openRun(run: RunRecord, options: OpenRunOptions): Promise<OpenedConfig> {
  const value = parsedJson(run.config);
  const digest = fingerprint([value]);
  if (digest !== run.configDigest)
    throw wrong(CONFIG, `the digest ${run.configDigest}`, digest, 'It was changed on its way.');
  // A config that came over the network names no file: files may be code.
  const config = await resolveConfig(CONFIG, {
    async read(reference) {
      if (reference === CONFIG) return { id: CONFIG, tree: value };
      throw wrong(CONFIG, 'a config without _base_', reference);
    },
  });
  return { ...openedConfig(config), checkpoint: await findWeights(run, options) };
}

/** The first file with the digest: the one named here, the one of the same path, the published one. */
async function findWeights(
  { checkpoint }: RunRecord,
  { checkpoint: own, paths, fetching }: OpenRunOptions,
): Promise<string> {
  const { path, digest, model } = checkpoint;
  const places = own === undefined ? [mapPath(path, paths)] : [own];
  const found: string[] = [];
  const has = async (file: string) => {
    const actual = await digestOf(file);
    if (actual !== undefined) found.push(`${file} has ${actual}`);
    return actual === digest;
  };
  for (const place of places) if (await has(place)) return place;
  if (own === undefined && model !== undefined) {
    const published = (await openConfigFor(undefined, model, [], fetching)).checkpoint;
    if (published !== undefined && (await has(published))) return published;
  }
  const received = found.length === 0 ? 'no such file' : found.join(', ');
  const hint = 'Name the same file with --weights, or say with --path-map FROM=TO where its folder is here.';
  throw wrong(own ?? mapPath(path, paths), `the weights of this run (SHA-256 ${digest}…)`, received, hint);
}

/** undefined where there is no such file. */
async function digestOf(file: string): Promise<string | undefined> {
  return existsSync(file) ? fileFingerprint(file) : undefined;
}

function wrong(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}
