/**
 * From frames to the network's input: channels in order, `(x - mean) / std`, padding at the right and bottom, all in one
 * pass, as mmengine's `ImgDataPreprocessor` and mmseg's `SegDataPreProcessor` compute it in float32.
 */
import { LowformerError } from '../core/errors.js';
import type { FrameTransform, Size } from '../core/frame.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { channelSources, copyChannel, type Normalisation, torchRules } from './normalise.js';
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

export interface Batch {
  /** [N, 3, H, W]. */
  readonly input: Tensor;
  /** One for each frame, in order; `padded` is W and H of `input`. */
  readonly transforms: readonly FrameTransform[];
}

/**
 * Detection and classification: padded to the largest frame, rounded up to `pad_size_divisor`. Segmentation: frames of
 * one size, padded as `test_cfg` says, or not at all. The value of the padding is not normalised.
 * @param sizeDivisor of the network: the result's sides are multiples of it as well.
 * @throws {LowformerError} `invalid-argument` without frames, or for frames of several sizes where padding cannot make
 *   them equal.
 */
export function toBatch(frames: readonly Frame[], preprocessor: Preprocessor, sizeDivisor = 1): Batch {
  const sizes = frames.map(({ pixels: { width, height } }) => ({ width, height }));
  return batchOf(frames, preprocessor, batchSize(sizes, preprocessor, sizeDivisor));
}

/**
 * Normalised, in the network's order of channels.
 * @param padded each side at least as large as every frame's.
 * @throws {LowformerError} `invalid-argument` for more pixels than there may be.
 */
export function batchOf(frames: readonly Frame[], preprocessor: Preprocessor, padded: Size): Batch {
  checkPixels('toBatch', { width: padded.width, height: padded.height * frames.length });
  const plane = padded.width * padded.height;
  const data = new Float32Array(frames.length * 3 * plane);
  const ground = paddingValue(preprocessor);
  if (ground !== 0 && frames.some(({ pixels }) => !equal(pixels, padded))) data.fill(ground);
  const rules = torchRules(normalisationOf(preprocessor));
  const turn = preprocessor.type === 'ClsDataPreprocessor' ? preprocessor.to_rgb : turns(preprocessor);
  frames.forEach(({ pixels }, index) => {
    const sources = channelSources(pixels, turn);
    rules.forEach((rule, channel) => {
      const start = (index * 3 + channel) * plane;
      copyChannel(pixels, sources[channel] ?? 0, rule, { data, start, step: 1, stride: padded.width });
    });
  });
  return {
    input: tensor([frames.length, 3, padded.height, padded.width], data),
    transforms: frames.map(({ transform }) => ({ ...transform, padded })),
  };
}

/** What padding consists of, in every channel of the network's input: it is not normalised. */
export function paddingValue(preprocessor: Preprocessor): number {
  return preprocessor.type === 'SegDataPreProcessor' ? preprocessor.pad_val : preprocessor.pad_value;
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
