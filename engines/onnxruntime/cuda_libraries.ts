/** The libraries of the devices `cuda` and `tensorrt`, and which of them are missing: the runtime itself says only that one is. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownRequire } from '../optional_packages.js';

/** Beside the runtime: it looks for them nowhere else, but follows links. */
const PROVIDERS = {
  cuda: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'],
  tensorrt: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_tensorrt.so'],
} as const;

/**
 * What those are linked against, or open by name, in version 1.30: the builds for CUDA 12 and for CUDA 13. One of a row will do.
 * (NEEDED of PyPI's onnxruntime-gpu 1.30.0, and the names that it opens.)
 */
const SYSTEM = {
  cuda: [
    ['libcuda.so.1'],
    ['libcudart.so.12', 'libcudart.so.13'],
    ['libcublas.so.12', 'libcublas.so.13'],
    ['libcublasLt.so.12', 'libcublasLt.so.13'],
    ['libcurand.so.10'],
    ['libcudnn.so.9'],
  ],
  tensorrt: [
    ['libcuda.so.1'],
    ['libcudart.so.12', 'libcudart.so.13'],
    ['libcublas.so.12', 'libcublas.so.13'],
    ['libcudnn.so.9'],
    ['libnvinfer.so.10'],
    ['libnvonnxparser.so.10'],
  ],
} as const;

export function hasLibraries(device: string): device is keyof typeof PROVIDERS {
  return device in PROVIDERS;
}

/** Where a machine's libraries lie. */
export interface LibraryPlaces {
  /** The runtime's own folder. */
  readonly runtime: string;
  /** `LD_LIBRARY_PATH`, folder by folder. */
  readonly folders: readonly string[];
  /** Names that the dynamic loader knows. */
  readonly known: ReadonlySet<string>;
}

/** Those of this process. */
export function libraryPlaces(): LibraryPlaces {
  const runtime = join(packageFolder(), 'bin/napi-v6/linux/x64');
  const folders = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== '');
  return { runtime, folders, known: loaderCache() };
}

function packageFolder(): string {
  try {
    return dirname(ownRequire().resolve('onnxruntime-node/package.json'));
  } catch {
    // A bundler has moved it.
    return 'onnxruntime-node';
  }
}

function loaderCache(): ReadonlySet<string> {
  for (const program of ['ldconfig', '/sbin/ldconfig']) {
    try {
      const said = execFileSync(program, ['-p'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 5000,
      });
      return new Set(said.split('\n').map((line) => line.trim().split(' ')[0] ?? ''));
    } catch {
      // Not every image has it, or has it in its path.
    }
  }
  return new Set();
}

/** What is missing, in one line; undefined where all is there. */
export function missingLibraries(
  device: keyof typeof PROVIDERS,
  { runtime, folders, known }: LibraryPlaces,
): string | undefined {
  const beside = PROVIDERS[device].filter((name) => !existsSync(join(runtime, name)));
  const found = (name: string) => known.has(name) || folders.some((folder) => existsSync(join(folder, name)));
  const system = SYSTEM[device].filter((names) => !names.some(found)).map((names) => names.join(' or '));
  const parts = [
    ...(beside.length === 0 ? [] : [`${beside.join(', ')} in ${runtime}`]),
    ...(system.length === 0 ? [] : [`${system.join(', ')} in the library path`]),
  ];
  return parts.length === 0 ? undefined : `missing: ${parts.join('; ')}`;
}
