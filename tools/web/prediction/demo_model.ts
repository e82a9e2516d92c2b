import demoConfig from '../../../assets/blood_cells.json?url';
import demoCheckpoint from '../../../assets/blood_cells.safetensors?url';
import type { ConfigSource } from '../model/config_source.js';
import type { CheckpointFile } from '../model/open_model.js';

export interface DemoModel {
  readonly config: ConfigSource;
  readonly checkpoint: CheckpointFile;
}

let fetching: Promise<DemoModel> | undefined;

/** The small detector of blood cells that comes with the page, fetched once. */
export function fetchDemoModel(): Promise<DemoModel> {
  fetching ??= fetchFiles().catch((error: unknown) => {
    fetching = undefined;
    throw error;
  });
  return fetching;
}

async function fetchFiles(): Promise<DemoModel> {
  const [config, blob] = await Promise.all([fetchWhole(demoConfig), fetchWhole(demoCheckpoint)]);
  const files: Readonly<Record<string, unknown>> = { 'blood_cells.json': JSON.parse(await config.text()) };
  return { config: { name: 'blood_cells.json', files }, checkpoint: { name: 'blood_cells.safetensors', blob } };
}

/** A browser's cache may fail a large file that it is about to keep (private windows have little room): then without it. */
async function fetchWhole(path: string): Promise<Blob> {
  const address = new URL(path, import.meta.url);
  return fetchBlob(address, 'default').catch(() => fetchBlob(address, 'no-store'));
}

async function fetchBlob(address: URL, cache: RequestCache): Promise<Blob> {
  const response = await fetch(address, { cache });
  if (response.ok) return response.blob();
  throw new Error(
    `The server answers ${response.status} for ${address.pathname}: the folder of this page is incomplete.`,
  );
}
