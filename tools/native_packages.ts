/** Which packages and programs work here: native ones, and those that not everybody installs. Nothing fails where one does not. */
import { LowformerError } from '../core/errors.js';
import { loadCanvas } from '../drawing/font.js';
import type { EngineDefinition, EngineDescription } from '../engines/index.js';
import { installedVersion } from '../engines/optional_packages.js';
import { loadSharp } from '../images/load_sharp.js';

/** A package: its version, or what is missing and how to get it. */
export type PackageState =
  | { readonly name: string; readonly available: true; readonly version?: string }
  | { readonly name: string; readonly available: false; readonly needs: string };

/** What an engine has here; no devices where its package is missing. */
export async function inspectEngine({ name, package: packageName, inspect }: EngineDefinition): Promise<EngineState> {
  const nothing = { version: '', devices: [] };
  try {
    const found = (await inspect?.()) ?? nothing;
    if (packageName === undefined) return { name, ...found };
    return { name, ...found, package: { name: packageName, available: true, version: found.version } };
  } catch (error) {
    return { name, ...nothing, package: missing(packageName ?? name, error) };
  }
}

/** An engine, and its package where it has one. */
export interface EngineState extends EngineDescription {
  readonly name: string;
  readonly package?: PackageState;
}

/** What reads, writes and draws pictures. */
export function inspectPicturePackages(): Promise<readonly PackageState[]> {
  return Promise.all([
    packageState('sharp', async () => ({ version: (await loadSharp()).versions.sharp ?? '' })),
    packageState('canvas', async () => {
      await loadCanvas();
      return {};
    }),
  ]);
}

/** What serving and queues need, which whoever wants them installs. */
export function inspectOptionalPackages(): Promise<readonly PackageState[]> {
  return Promise.all([
    packageState('fastify', async () => {
      await (await import('../service/load_fastify.js')).loadFastify();
      return { version: installedVersion('fastify') ?? '' };
    }),
    packageState('bullmq, ioredis', async () => {
      (await import('../queue/packages.js')).loadQueuePackages();
      return { version: ['bullmq', 'ioredis'].map((name) => installedVersion(name) ?? '').join(', ') };
    }),
  ]);
}

/** Programs of the system: what reads clips. */
export function inspectPrograms(): Promise<readonly PackageState[]> {
  return Promise.all([
    packageState('ffmpeg', async () => {
      const { findFfmpeg } = await import('../video/ffmpeg.js');
      return { version: (await findFfmpeg()).version };
    }),
  ]);
}

async function packageState(name: string, load: () => Promise<{ readonly version?: string }>): Promise<PackageState> {
  try {
    return { name, available: true, ...(await load()) };
  } catch (error) {
    return missing(name, error);
  }
}

/** @throws what is no missing package. */
function missing(name: string, error: unknown): PackageState {
  if (!(error instanceof LowformerError) || error.code !== 'missing-package') throw error;
  return { name, available: false, needs: error.parts.hint ?? error.message };
}
