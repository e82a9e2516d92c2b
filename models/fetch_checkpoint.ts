/** Checkpoints that lie on servers: those that a user names, those that a config names, and those that were published. */
import { type PublishedModel, publishedModel } from '../configs/zoo/index.js';
import type { LowformerConfig } from '../tasks/config.js';
import { type CheckpointAddress, checkpointAddress, isAddress } from '../weights/download/address.js';
import {
  type DownloadedFile,
  type DownloadOptions,
  type DownloadProgress,
  download,
} from '../weights/download/download.js';
import { fileSize } from '../weights/download/file_size.js';
import { mirrored } from '../weights/download/settings.js';

/** How files are downloaded and kept. */
export interface FetchOptions {
  /** The folder for downloaded files; by default `LOWFORMER_CACHE`, or the system's place for such. */
  readonly cache?: string | undefined;
  /** Takes files that were downloaded before, and asks no server; by default what `LOWFORMER_OFFLINE` says. */
  readonly offline?: boolean | undefined;
  /** Bytes of the largest file that is downloaded; by default what `LOWFORMER_MAX_DOWNLOAD` says, else 4 GB. */
  readonly maxDownload?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told line by line what is downloaded from where. */
  readonly onMessage?: ((line: string) => void) | undefined;
  /** Told how far a download is. */
  readonly onDownload?: ((progress: DownloadProgress) => void) | undefined;
}

/** What weights are wanted for: `results` need trained ones, and take those that were published with the config's name. */
export type WeightsUse = 'results' | 'measuring';

export interface WantedWeights {
  /** What the user names. */
  readonly checkpoint: string | undefined;
  /** The config's `load_from`. */
  readonly loadFrom: string | undefined;
  readonly reference: string | LowformerConfig;
  readonly use: WeightsUse;
}

/**
 * The file of the weights that are wanted, downloaded where it lies on a server: the user's, else the config's, else the
 * published one. For measuring nothing is downloaded that the user has not named. undefined where there is none.
 * @throws {LowformerError} as `download`.
 */
export async function checkpointFile(
  { checkpoint, loadFrom, reference, use }: WantedWeights,
  options: FetchOptions,
): Promise<string | undefined> {
  if (checkpoint !== undefined) return fetchedFile(checkpoint, options);
  if (loadFrom !== undefined && !isAddress(loadFrom)) return loadFrom;
  if (use === 'measuring') return undefined;
  if (loadFrom !== undefined) return fetchedFile(loadFrom, options);
  const published = typeof reference === 'string' ? publishedModel(reference) : undefined;
  return published === undefined ? undefined : (await fetchPublished(published, options)).path;
}

/** The file itself, or that of an address. @throws {LowformerError} as `download`. */
export async function fetchedFile(checkpoint: string, options: FetchOptions): Promise<string> {
  if (!isAddress(checkpoint)) return checkpoint;
  return (await download(checkpointAddress(checkpoint), downloadOptions(options))).path;
}

/** A published model's weights; from `LOWFORMER_MIRROR`, where that names a server. @throws {LowformerError} as `download`. */
export function fetchPublished(
  model: PublishedModel,
  { verify, ...options }: FetchOptions & Pick<DownloadOptions, 'verify'>,
): Promise<DownloadedFile> {
  const address = publishedAddress(model);
  const { bytes } = model.checkpoint;
  // A value takes four bytes; names and what else is in the file hardly count.
  const size = bytes === undefined ? `about ${fileSize(4 * model.parameters)}` : fileSize(bytes);
  const about = `${size}, published by ${model.source} under ${model.licence}`;
  return download(address, { ...downloadOptions(options), from: mirrored(address), about, verify });
}

/** Where a published model's weights lie, and in the cache. */
export function publishedAddress({ checkpoint: { address, sha256 } }: PublishedModel): CheckpointAddress {
  return checkpointAddress(address, sha256);
}

function downloadOptions({ cache, offline, maxDownload: maxBytes, signal, onMessage: say, onDownload }: FetchOptions) {
  return { cache, offline, maxBytes, signal, say, onProgress: onDownload };
}
