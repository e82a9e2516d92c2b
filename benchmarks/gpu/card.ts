/** Which card there is, and how its Vulkan driver is reached. Nothing of the card is set or reset. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Card } from './record.js';

const execute = promisify(execFile);

/** undefined where nvidia-smi is missing, finds no card, or says nothing within ten seconds. */
export async function nvidiaCard(): Promise<Card | undefined> {
  const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader,nounits'];
  try {
    const { stdout } = await execute('nvidia-smi', query, { timeout: 10_000, killSignal: 'SIGKILL' });
    const [name = '', driver = '', memory = ''] = (stdout.split('\n')[0] ?? '').split(', ');
    const mebibytes = Number.parseInt(memory, 10);
    return name === '' ? undefined : { name, driver, memory: Number.isNaN(mebibytes) ? null : mebibytes };
  } catch {
    return driverOnly();
  }
}

async function driverOnly(): Promise<Card | undefined> {
  const text = await readFile('/proc/driver/nvidia/version', 'utf8').catch(() => '');
  const driver = /Kernel Module\D*([\d.]+)/.exec(text)?.[1];
  return driver === undefined ? undefined : { name: 'NVIDIA, by /proc', driver, memory: null };
}

/** A way for the Vulkan loader to find a driver. */
export interface VulkanWay {
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where drivers are described: the loader's own places, and that of NVIDIA's containers. */
const DESCRIPTIONS = [
  '/etc/vulkan/icd.d/nvidia_icd.json',
  '/usr/share/vulkan/icd.d/nvidia_icd.json',
  '/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json',
];

/**
 * What is tried, in this order. What the user has set comes first and alone. NVIDIA's driver before others, so that a
 * software driver beside it is not taken; its library by name where nothing describes it (a container with the driver's
 * libraries alone), as it is without an X server's libraries too (EGL).
 * @param folder for descriptions that are written here.
 */
export async function vulkanWays(folder: string, env: NodeJS.ProcessEnv): Promise<readonly VulkanWay[]> {
  const set = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  if (set !== undefined) return [{ title: set, env: {} }];
  const ways: VulkanWay[] = DESCRIPTIONS.filter((path) => existsSync(path)).map((path) => described(path, path));
  for (const library of ['libGLX_nvidia.so.0', 'libEGL_nvidia.so.0']) {
    const path = join(folder, `${library}.json`);
    const text = { file_format_version: '1.0.0', ICD: { library_path: library, api_version: '1.3.0' } };
    await writeFile(path, JSON.stringify(text));
    ways.push(described(library, path));
  }
  return [...ways, { title: "the loader's own places", env: {} }];
}

const described = (title: string, path: string): VulkanWay => ({
  title,
  env: { VK_DRIVER_FILES: path, VK_ICD_FILENAMES: path },
});
