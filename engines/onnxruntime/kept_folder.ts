/**
 * Networks as ONNX Runtime has optimised them for this machine, a folder each: a model, and its weights beside it, which the
 * runtime maps instead of reading them. A folder is filled under a temporary name and renamed, so that it is there whole or
 * not at all, however many processes fill it.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { removeLeftBehind, temporaryName } from '../../files/left_behind.js';
import { isSystemError, writingReason } from '../../files/system_error.js';
import type { KeptNetwork } from '../kept_network.js';
import { machineText } from '../machine.js';
import type { SessionSettings } from './protocol.js';

const MODEL = 'model.onnx';
export const KEPT_WEIGHTS = 'weights.bin';
const FACTS = 'facts.json';

/** Of the weights the times, since reading them all would take as long as it spares. */
const factsSchema = z.strictObject({ model: z.string(), weights: z.string() });
type Facts = z.output<typeof factsSchema>;

export interface KeptFolder {
  readonly network: KeptNetwork;
  readonly folder: string;
}

/** What else than the network decides about what the runtime makes of it. Threads do not: they share one graph's work. */
export interface RuntimeFacts {
  readonly version: string;
  readonly settings: SessionSettings;
  readonly precision: string;
}

/** undefined for devices that are not the processor: their providers compile what cannot be written. */
export function keptFolder(network: KeptNetwork, { version, settings, precision }: RuntimeFacts) {
  const { device, fastMath } = settings;
  if (device !== 'cpu') return undefined;
  const facts = [network.key, 'onnxruntime', version, device, precision, fastMath, machineText()];
  const name = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
  return { network, folder: join(network.folder, name) } satisfies KeptFolder;
}

/** The model's file, where it lies whole and as it was written; what does not is removed. */
export async function findKept({ folder }: KeptFolder): Promise<string | undefined> {
  if ((await stat(folder).catch(() => undefined)) === undefined) return undefined;
  try {
    const facts = factsSchema.parse(JSON.parse(await readFile(join(folder, FACTS), 'utf8')));
    const now = await factsOf(folder);
    if (facts.model === now.model && facts.weights === now.weights) {
      const used = new Date();
      await utimes(join(folder, FACTS), used, used).catch(() => {});
      return join(folder, MODEL);
    }
  } catch {
    // As good as another text: it is made anew.
  }
  await removeKept({ folder });
  return undefined;
}

/** Of a network that the runtime cannot load after all. Windows leaves what another process has mapped. */
export async function removeKept({ folder }: Pick<KeptFolder, 'folder'>): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => {});
}

/** A folder that is being filled. */
export interface Keeping {
  /** Where the runtime is to write the model, and `KEPT_WEIGHTS` beside it. */
  readonly model: string;
  /** It takes its place, unless the network's key is true no more. What the system refuses is said, never thrown. */
  finish(): Promise<void>;
  /** Nothing of it stays. @param reason for a person; without one nothing is said. */
  discard(reason?: string): Promise<void>;
}

/** @returns undefined where the system refuses, which is said. */
export async function beginKeeping({ network, folder }: KeptFolder): Promise<Keeping | undefined> {
  const inside = join(network.folder, temporaryName());
  const refused = (reason: string) => network.say(notKept(network.folder, reason));
  try {
    await mkdir(network.folder, { recursive: true });
    await removeLeftBehind(network.folder);
    await mkdir(inside, { mode: 0o700 });
  } catch (error) {
    refused(reasonOf(error));
    return undefined;
  }
  const removeAtExit = () => rmSync(inside, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  const discard = async (reason?: string) => {
    await removeKept({ folder: inside });
    process.off('exit', removeAtExit);
    if (reason !== undefined) refused(reason);
  };
  return {
    model: join(inside, MODEL),
    discard,
    async finish() {
      try {
        if (!network.holds()) return await discard();
        for (const name of [MODEL, KEPT_WEIGHTS]) await synchronise(join(inside, name));
        await writeFile(join(inside, FACTS), `${JSON.stringify(await factsOf(inside))}\n`);
        await rename(inside, folder).catch(unlessThere);
        await discard();
        await removeOldest(network);
      } catch (error) {
        await discard(reasonOf(error));
      }
    },
  };
}

/** Removes what was used longest ago until the others have `mostBytes` at most. */
async function removeOldest({ folder, mostBytes }: KeptNetwork): Promise<void> {
  const entries = [];
  for (const name of (await readdir(folder)).filter((entry) => /^[0-9a-f]{32}$/.test(entry))) {
    const path = join(folder, name);
    const sizes = [];
    for (const file of [MODEL, KEPT_WEIGHTS])
      sizes.push((await stat(join(path, file)).catch(() => undefined))?.size ?? 0);
    const used = (await stat(join(path, FACTS)).catch(() => undefined))?.mtimeMs ?? 0;
    entries.push({ path, used, bytes: sizes.reduce((sum, size) => sum + size, 0) });
  }
  let bytes = 0;
  for (const entry of entries.sort((a, b) => b.used - a.used)) {
    bytes += entry.bytes;
    if (bytes > mostBytes) await removeKept({ folder: entry.path });
  }
}

async function factsOf(folder: string): Promise<Facts> {
  const model = createHash('sha256').update(await readFile(join(folder, MODEL)));
  const { size, mtimeNs, ctimeNs } = await stat(join(folder, KEPT_WEIGHTS), { bigint: true });
  return { model: model.digest('hex'), weights: [size, mtimeNs, ctimeNs].join(' ') };
}

/** So that a loss of power leaves no file of zeros of the right length. */
async function synchronise(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}

/** Another process was first, with the same. */
function unlessThere(error: unknown): void {
  if (isSystemError(error) && ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) return;
  throw error;
}

function reasonOf(error: unknown): string {
  return isSystemError(error) ? writingReason(error) : String(error);
}

function notKept(folder: string, reason: string): string {
  return `the network is not kept for the next start, in ${folder}: ${reason}`;
}
