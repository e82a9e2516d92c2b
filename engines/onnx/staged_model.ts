import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import { openTemporaryFolder } from '../../files/temporary_folder.js';
import { type OnnxModel, wholeModel } from '../onnx_model.js';
import { separateWeights } from './external_weights.js';
import type { ModelSource } from './model_source.js';

/** A model where the runtime can load it with the least memory. */
export interface StagedModel extends AsyncDisposable {
  readonly source: ModelSource;
}

/** Up to here a few copies in memory matter less than two temporary files. */
const IN_MEMORY_BYTES = 1024 * 1024;
const WEIGHTS = 'weights.bin';

/**
 * Lays a model out for loading: a small one in memory, a large one as a model and a file of weights in a new private
 * folder of `os.tmpdir()`, which disposal deletes, as does the end of the process; what a process that was killed left
 * there, the next one deletes.
 *
 * Peak memory of loading, as a multiple of the weights (onnxruntime-node 1.30, x64, 200 MB of 1x1 convolutions and
 * 190 MB of 3x3): from a buffer 4.2 and 4.3, from one file 3.2 and 3.3, from this layout 2.2 and 2.3.
 *
 * @throws {LowformerError} `engine-failure` when the bytes are no ONNX file, `unwritable-file` when there is no room.
 */
export async function stageModel(model: OnnxModel, signal?: AbortSignal): Promise<StagedModel> {
  if (model.byteLength <= IN_MEMORY_BYTES) {
    return { source: wholeModel(model), [Symbol.asyncDispose]: async () => undefined };
  }
  const folder = await openTemporaryFolder().catch(unwritable);
  try {
    const source = join(folder.path, 'model.onnx');
    const bytes = await writeWeights(model, join(folder.path, WEIGHTS), signal);
    await writeFile(source, bytes).catch(unwritable);
    return { source, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function writeWeights(model: OnnxModel, file: string, signal: AbortSignal | undefined) {
  const handle = await open(file, 'wx', 0o600).catch(unwritable);
  const pieces = separateWeights(model, WEIGHTS);
  try {
    for (let piece = pieces.next(); ; piece = pieces.next()) {
      if (piece.done === true) return piece.value;
      await writeAll(handle, piece.value).catch(unwritable);
      signal?.throwIfAborted();
    }
  } finally {
    pieces.return(new Uint8Array());
    await handle.close();
  }
}

/** One write may take a part of the bytes only. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}

function unwritable(cause: unknown): never {
  throw new LowformerError({
    code: 'unwritable-file',
    where: tmpdir(),
    expected: 'a folder with room for the weights while they are loaded',
    hint: `${cause instanceof Error ? cause.message : String(cause)}. Set TMPDIR to another folder`,
    cause,
  });
}
