/**
 * From frames to the network's input: channels in order, `(x - mean) / std`, padding at the right and bottom, all in one
 * pass, as mmengine's `ImgDataPreprocessor` and mmseg's `SegDataPreProcessor` compute it in float32.
 */
import { LowformerError } from '../core/errors.js';
import type { FrameTransform, Size } from '../core/frame.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { channelSources, copyChannel, type Normalisation, torchRules } from './normalise.js';
import { PACKED_PADDING, packPixels } from './packed_pixels.js';
import { isNormalised } from './pixels.js';
import type { Preprocessor } from './preprocessors.js';
import { checkPixels } from './resize_bilinear.js';
import type { Frame } from './sample.js';
import { commonMultiple, multipleSize } from './target_size.js';

export {
  clsPreprocessorSchema,
  detPreprocessorSchema,
  type Preprocessor,
  segPreprocessorSchema,
} from './preprocessors.js';

/** How pictures go to a network: as `normalised` numbers, three a pixel, or as `packed` bytes, one number a pixel (`packPixels`). */
export type PixelForm = 'normalised' | 'packed';

export interface Batch {
  /** [N, 3, H, W]; [N, 1, H, W] where pixels are packed. */
  readonly input: Tensor;
  /** One for each frame, in order; `padded` is W and H of `input`. */
  readonly transforms: readonly FrameTransform[];
}

/**
 * Detection and classification: padded to the largest frame, rounded up to `pad_size_divisor`. Segmentation: frames of
 * one size, padded as `test_cfg` says, or not at all. The value of the padding is not normalised.
 * @param sizeDivisor of the network: the result's sides are multiples of it as well.
 * @param form of what the network takes: `packed` where the pass `packedPixels` has run over it.
 * @throws {LowformerError} `invalid-argument` without frames, or for frames of several sizes where padding cannot make
 *   them equal; for frames that are normalised already where pixels are to be packed.
 */
export function toBatch(
  frames: readonly Frame[],
  preprocessor: Preprocessor,
  sizeDivisor = 1,
  form: PixelForm = 'normalised',
): Batch {
  const sizes = frames.map(({ pixels: { width, height } }) => ({ width, height }));
  return batchOf(frames, preprocessor, batchSize(sizes, preprocessor, sizeDivisor), form);
}

/**
 * In the network's order of channels, normalised or packed.
 * @param padded each side at least as large as every frame's.
 * @throws {LowformerError} `invalid-argument` for more pixels than there may be; as `toBatch` where pixels are to be packed.
 */
export function batchOf(
  frames: readonly Frame[],
  preprocessor: Preprocessor,
  padded: Size,
  form: PixelForm = 'normalised',
): Batch {
  checkPixels('toBatch', { width: padded.width, height: padded.height * frames.length });
  const plane = padded.width * padded.height;
  const channels = form === 'packed' ? 1 : 3;
  const data = new Float32Array(frames.length * channels * plane);
  const ground = paddingValue(preprocessor, form);
  if (ground !== 0 && frames.some(({ pixels }) => !equal(pixels, padded))) data.fill(ground);
  const rules = torchRules(normalisationOf(preprocessor));
  const turn = preprocessor.type === 'ClsDataPreprocessor' ? preprocessor.to_rgb : turns(preprocessor);
  frames.forEach(({ pixels }, index) => {
    const sources = channelSources(pixels, turn);
    if (form === 'packed') {
      if (isNormalised(pixels)) throw invalid('8-bit pixels, to be packed,', 'a frame that is normalised already');
      packPixels(pixels, sources, { data, start: index * plane, stride: padded.width });
      return;
    }
    rules.forEach((rule, channel) => {
      const start = (index * 3 + channel) * plane;
      copyChannel(pixels, sources[channel] ?? 0, rule, { data, start, step: 1, stride: padded.width });
    });
  });
  return {
    input: tensor([frames.length, channels, padded.height, padded.width], data),
    transforms: frames.map(({ transform }) => ({ ...transform, padded })),
  };
}

/** What padding consists of, in every channel of the network's input: it is not normalised. */
export function paddingValue(preprocessor: Preprocessor, form: PixelForm = 'normalised'): number {
  if (form === 'packed') return PACKED_PADDING;
  return preprocessor.type === 'SegDataPreProcessor' ? preprocessor.pad_val : preprocessor.pad_value;
}

/** What a network sees of packed pixels, channel by channel: the numbers of the bytes 0 to 255, then of padding. */
export function packedValues(preprocessor: Preprocessor): readonly number[] {
  const padding = paddingValue(preprocessor);
  return torchRules(normalisationOf(preprocessor)).flatMap((rule) => [
    ...Array.from({ length: 256 }, (_, byte) => rule(byte)),
    padding,
  ]);
}

/** The size that `toBatch` gives frames of these sizes. @throws {LowformerError} as it. */
export function batchSize(sizes: readonly Size[], preprocessor: Preprocessor, sizeDivisor: number): Size {
  const [first] = sizes;
  if (first === undefined) throw invalid('one frame or more', 'none');
  const largest = {
    width: sizes.reduce((most, { width }) => Math.max(most, width), 0),
    height: sizes.reduce((most, { height }) => Math.max(most, height), 0),
  };
  if (preprocessor.type !== 'SegDataPreProcessor') {
    return paddedTo(largest, commonMultiple(preprocessor.pad_size_divisor, sizeDivisor));
  }
  if (!sizes.every((size) => equal(size, first))) {
    const received = [...new Set(sizes.map(({ width, height }) => `${width}x${height}`))].join(', ');
    throw invalid('frames of one size in a batch for segmentation', received);
  }
  const { size, size_divisor } = preprocessor.test_cfg ?? {};
  const [height, width] = size ?? [0, 0];
  const atLeast = { width: Math.max(width, first.width), height: Math.max(height, first.height) };
  return paddedTo(atLeast, commonMultiple(size_divisor ?? 1, sizeDivisor));
}

function paddedTo(size: Size, divisor: number): Size {
  return multipleSize(size, [divisor, divisor]);
}

function normalisationOf({ mean, std }: Preprocessor): Normalisation | undefined {
  return mean === null || std === null ? undefined : { mean, std };
}

function turns(preprocessor: { readonly bgr_to_rgb: boolean; readonly rgb_to_bgr: boolean }): boolean {
  return preprocessor.bgr_to_rgb || preprocessor.rgb_to_bgr;
}

function equal(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

function invalid(expected: string, received: string): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: 'toBatch', expected, received });
}
