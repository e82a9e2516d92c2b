/**
 * Time of the RetinaNet decode alone: 512x512, 80 classes, nine anchors, 3.9 million logits.
 * Run with `npx jiti benchmarks/decode.ts [rounds]`. The cases take turns, so that a slow moment hits all of them.
 */
import { availableParallelism, cpus } from 'node:os';
import { tensor } from '../core/tensor.js';
import { anchorGeneratorSchema, createAnchorGenerator } from '../geometry/anchors.js';
import { boxCodecSchema, createBoxCodec } from '../geometry/box_codec.js';
import { nmsSchema } from '../geometry/nms.js';
import { createRetinaDecoder, type RetinaLevel } from '../heads/retina_decode.js';

const rounds = Number(process.argv[2] ?? 15);
const classes = 80;
const anchors = createAnchorGenerator(
  anchorGeneratorSchema.parse({
    type: 'AnchorGenerator',
    strides: [8, 16, 32, 64, 128],
    ratios: [0.5, 1, 2],
    octave_base_scale: 4,
    scales_per_octave: 3,
  }),
);
const decoderWith = (useSigmoid: boolean) =>
  createRetinaDecoder({
    anchors,
    codec: createBoxCodec(boxCodecSchema.parse({ type: 'DeltaXYWHBBoxCoder' })),
    numClasses: classes,
    useSigmoid,
    scoreThreshold: 0.05,
    nmsPre: 1000,
    minBoxSize: 0,
    nms: nmsSchema.parse({ iou_threshold: 0.5 }),
    maxPerImage: 100,
  });
const size = { width: 512, height: 512 };
const frame = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };

function levels(logit: () => number, channels = classes): RetinaLevel[] {
  const map = (depth: number, extent: number, value: () => number) =>
    tensor([1, depth, extent, extent], new Float32Array(depth * extent * extent).map(value));
  return [64, 32, 16, 8, 4].map((extent) => ({
    scores: map(9 * channels, extent, logit),
    deltas: map(36, extent, () => (Math.random() - 0.5) * 0.6),
  }));
}

const sigmoidDecoder = decoderWith(true);
const softmaxDecoder = decoderWith(false);
const logits = levels(() => 0).reduce((sum, { scores }) => sum + scores.data.length, 0);
const around = (low: number, high: number) => () => low + Math.random() * (high - low);
const sparse = () => (Math.random() < 200 / logits ? Math.random() * 3 - 2 : -5 + (Math.random() - 0.5) * 2);
const cases = [
  { name: '200 scores pass', bound: 8, decoder: sigmoidDecoder, input: levels(sparse) },
  { name: 'every score passes', bound: 150, decoder: sigmoidDecoder, input: levels(around(-2.9, 4)) },
  { name: 'every score is the same', bound: undefined, decoder: sigmoidDecoder, input: levels(() => 1) },
  { name: 'softmax, every score passes', bound: undefined, decoder: softmaxDecoder, input: levels(around(-9, 9), 81) },
].map((entry) => ({ ...entry, times: [] as number[], found: 0 }));

for (let round = -5; round < rounds; round++) {
  for (const entry of cases) {
    const start = performance.now();
    entry.found = entry.decoder.decode(entry.input, frame).scores.length;
    if (round >= 0) entry.times.push(performance.now() - start);
  }
}

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} threads, Node ${process.version}`);
console.log(`${(logits / 1e6).toFixed(2)} million logits, ${rounds} rounds after 5 to warm up, milliseconds`);
console.table(
  Object.fromEntries(
    cases.map(({ name, times, bound, found }) => {
      const sorted = times.toSorted((a, b) => a - b);
      const median = sorted[sorted.length >> 1] ?? Number.NaN;
      const figures = { median: median.toFixed(2), minimum: (sorted[0] ?? Number.NaN).toFixed(2) };
      return [name, { ...figures, bound: bound ?? '', boxes: found }];
    }),
  ),
);
