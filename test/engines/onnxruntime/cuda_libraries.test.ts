import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasLibraries, missingLibraries } from '../../../engines/onnxruntime/cuda_libraries.js';
import { temporaryFolder } from '../../tools/command_line.js';

const ROOT = temporaryFolder();

/** A runtime's folder and one of the library path, with empty files. */
function places(beside: readonly string[], inPath: readonly string[], known: readonly string[] = []) {
  const folder = mkdtempSync(join(ROOT, 'places-'));
  const [runtime, path] = [join(folder, 'runtime'), join(folder, 'path')];
  for (const [place, names] of [
    [runtime, beside],
    [path, inPath],
  ] as const) {
    mkdirSync(place);
    for (const name of names) writeFileSync(join(place, name), '');
  }
  return { runtime, folders: [path], known: new Set(known) };
}

const SHARED = 'libonnxruntime_providers_shared.so';
const CUDA_13 = ['libcudart.so.13', 'libcublas.so.13', 'libcublasLt.so.13', 'libcurand.so.10', 'libcudnn.so.9'];

test('with nothing there, every library is named', () => {
  const here = places([], []);
  expect(missingLibraries('cuda', here)).toBe(
    `missing: ${SHARED}, libonnxruntime_providers_cuda.so in ${here.runtime}; libcuda.so.1, libcudart.so.12 or libcudart.so.13, ` +
      'libcublas.so.12 or libcublas.so.13, libcublasLt.so.12 or libcublasLt.so.13, libcurand.so.10, libcudnn.so.9 in the library path',
  );
});

test('what is there is not named: in the library path, or known to the loader', () => {
  const here = places([SHARED, 'libonnxruntime_providers_cuda.so'], CUDA_13, ['libcuda.so.1']);
  expect(missingLibraries('cuda', here)).toBeUndefined();
  expect(missingLibraries('tensorrt', here)).toBe(
    `missing: libonnxruntime_providers_tensorrt.so in ${here.runtime}; libnvinfer.so.10, libnvonnxparser.so.10 in the library path`,
  );
});

test('only these devices have such libraries', () => {
  expect(['cpu', 'webgpu', 'cuda', 'tensorrt'].filter(hasLibraries)).toEqual(['cuda', 'tensorrt']);
});
