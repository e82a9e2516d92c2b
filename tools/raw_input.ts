import { LowformerError } from '../core/errors.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import { readSafetensors } from '../weights/safetensors.js';

/**
 * A network's bare input, and what else is in its file.
 * @throws {LowformerError} `unreadable-file` or `unreadable-checkpoint`; `invalid-argument` where there is no `input` [N, 3, H, W].
 */
export async function readRawInput(file: string): Promise<{ readonly input: Tensor; readonly tensors: Tensors }> {
  const tensors = await readSafetensors(file).catch(asInput);
  const { input } = tensors;
  const [, channels, height = 0, width = 0] = input?.shape ?? [];
  if (input !== undefined && input.shape.length === 4 && channels === 3 && input.data.length > 0) {
    return { input, tensors };
  }
  const empty = channels === 3 && (height === 0 || width === 0) ? ' with at least one pixel' : '';
  const none = input === undefined ? ', but there is none of that name' : '';
  const expected = `a tensor 'input' of shape [N, 3, H, W]${empty}${none}`;
  throw new LowformerError({ code: 'invalid-argument', where: file, expected, received: input?.shape });
}

/** What cannot be opened is no checkpoint here. */
function asInput(error: unknown): never {
  if (!(error instanceof LowformerError) || error.code !== 'unreadable-file') throw error;
  throw new LowformerError({ ...error.parts, expected: "a safetensors file with a tensor 'input'" });
}
