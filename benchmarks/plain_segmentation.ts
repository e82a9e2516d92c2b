/**
 * A label map in the plain way: the exported network in ONNX Runtime, its logits made as large as the picture in float32, the best
 * class of each pixel. `plain_segmentation.ts MODEL FILE…`; prints JSON: the peak of memory over what the process had before, and how
 * many pixels of the last picture each class has.
 */
import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Tensor } from '../core/tensor.js';
import { openSession } from './open_session.js';

const MEAN = [123.675, 116.28, 103.53] as const;
const DEVIATION = [58.395, 57.12, 57.375] as const;

const [, , model = '', ...files] = process.argv;
forgetPeak();
const before = process.memoryUsage.rss();
const session = await openSession(model);
let counts: readonly number[] = [];
for (const file of files) counts = await labelCounts(file);
await session.release();
process.stdout.write(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024 - before, counts }));

async function labelCounts(file: string): Promise<readonly number[]> {
  const { data: pixels, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const [low] = await session.run(normalised(pixels, info));
  if (low === undefined) throw new RangeError('no output');
  const labels = bestClasses(enlarged(low, info), info.width * info.height);
  const found = new Array<number>(low.shape[1] ?? 0).fill(0);
  for (const label of labels) found[label] = (found[label] ?? 0) + 1;
  return found;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** RGB less its mean, through its deviation: [1, 3, height, width]. */
function normalised(pixels: Uint8Array, { width, height }: Size): Tensor {
  const data = new Float32Array(pixels.length);
  for (const [c, mean] of MEAN.entries()) {
    const deviation = DEVIATION[c] ?? 1;
    for (let i = 0; i < width * height; i++)
      data[c * width * height + i] = ((pixels[3 * i + c] ?? 0) - mean) / deviation;
  }
  return { shape: [1, 3, height, width], data };
}

/** Bilinear, as torch's `interpolate` without `align_corners`: [classes, height, width], all of it. */
function enlarged({ shape, data }: Tensor, { width, height }: Size): Float32Array {
  const [, classes = 0, h = 0, w = 0] = shape;
  const scores = new Float32Array(classes * height * width);
  const place = (i: number, from: number, to: number) => {
    const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const first = Math.floor(position);
    return { first, second: Math.min(first + 1, from - 1), share: position - first };
  };
  const columns = Array.from({ length: width }, (_, x) => place(x, w, width));
  for (let c = 0, at = 0; c < classes; c++) {
    for (let y = 0; y < height; y++) {
      const { first, second, share } = place(y, h, height);
      const [above, below] = [(c * h + first) * w, (c * h + second) * w];
      for (const { first: left, second: right, share: across } of columns) {
        const upper = (data[above + left] ?? 0) * (1 - across) + (data[above + right] ?? 0) * across;
        const lower = (data[below + left] ?? 0) * (1 - across) + (data[below + right] ?? 0) * across;
        scores[at++] = upper * (1 - share) + lower * share;
      }
    }
  }
  return scores;
}

function bestClasses(scores: Float32Array, pixels: number): Uint8Array {
  const best = scores.slice(0, pixels);
  const labels = new Uint8Array(pixels);
  for (let i = pixels; i < scores.length; i++) {
    const score = scores[i] ?? 0;
    if (score <= (best[i % pixels] ?? 0)) continue;
    best[i % pixels] = score;
    labels[i % pixels] = Math.floor(i / pixels);
  }
  return labels;
}

/** Linux: what compiling these sources took at its height must not count. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // No such file outside Linux: the figure is an upper bound there.
  }
}
