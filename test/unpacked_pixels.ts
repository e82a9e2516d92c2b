/** Packed pixels taken apart by a plain loop: what `unpackPixels` and `packPixels` are held to. */
import { type Tensor, tensor } from '../core/tensor.js';
import { type Preprocessor, packedValues } from '../images/batch.js';

/** [N, 1, H, W] of packed pixels as the network sees them, [N, 3, H, W]. */
export function unpacked({ shape: [n = 0, , height = 0, width = 0], data }: Tensor, values: readonly number[]): Tensor {
  const plane = height * width;
  const result = tensor([n, 3, height, width], new Float32Array(3 * n * plane));
  data.forEach((pixel, i) => {
    for (let channel = 0; channel < 3; channel++) {
      const place = pixel === 2 ** 24 ? 256 : Math.floor(pixel / 256 ** channel) % 256;
      result.data[(Math.floor(i / plane) * 3 + channel) * plane + (i % plane)] =
        values[257 * channel + place] ?? Number.NaN;
    }
  });
  return result;
}

export function unpackedFor(preprocessor: Preprocessor, input: Tensor): Tensor {
  return unpacked(input, packedValues(preprocessor));
}
