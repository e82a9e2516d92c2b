/** Time of the RetinaNet decode alone: 512x512, 80 classes, nine anchors a place, 3.9 million logits. */
import { type Tensors, tensor } from '../core/tensor.js';
import { createDenseDecoder } from '../decoding/dense_decoder.js';
import { denseTestSchema } from '../decoding/dense_test_cfg.js';
import { anchorGeneratorSchema, createAnchorGenerator } from '../geometry/anchors.js';
import { createDeltaXywhCoder, deltaXywhCoderSchema } from '../geometry/delta_xywh_coder.js';
import { median, minimum, noise, othersIn, spread, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { bar, type Report } from './report.js';

const classes = 80;
const priors = createAnchorGenerator(
  anchorGeneratorSchema.parse({
    strides: [8, 16, 32, 64, 128],
    ratios: [0.5, 1, 2],
    octave_base_scale: 4,
    scales_per_octave: 3,
  }),
);
const coder = createDeltaXywhCoder(deltaXywhCoderSchema.parse({}));
const decoderWith = (activation: 'sigmoid' | 'softmax') =>
  createDenseDecoder(
    { head: 'RetinaHead', priors, coder, scores: { classes, activation } },
    denseTestSchema.parse({ score_thr: 0.05, nms_pre: 1000, min_bbox_size: 0, nms: { iou_threshold: 0.5 } }),
  );
const size = { width: 512, height: 512 };
const frame = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };

function levels(logit: () => number, channels = classes): Tensors {
  const map = (depth: number, extent: number, value: () => number) =>
    tensor([1, depth, extent, extent], new Float32Array(depth * extent * extent).map(value));
  const delta = noise(-0.3, 0.3);
  const maps = [64, 32, 16, 8, 4].flatMap((extent, level) => [
    [`cls${level}`, map(9 * channels, extent, logit)] as const,
    [`reg${level}`, map(36, extent, delta)] as const,
  ]);
  return Object.fromEntries(maps);
}

/** About one logit in 19,000 (200 of all) lies around the threshold's -2.9 and above; the others are well below. */
function sparse(): () => number {
  const [chance, high, low] = [noise(0, 1, 2), noise(-2, 1, 3), noise(-6, -4, 4)];
  return () => (chance() < 200 / 3_928_320 ? high() : low());
}

/** The bars hold for this size: 8 ms for scores as a trained network gives them, 150 ms when every score passes. */
export async function benchmarkDecode(rounds = 21): Promise<Report> {
  const [sigmoid, softmax] = [decoderWith('sigmoid'), decoderWith('softmax')];
  const cases = [
    { scores: 'sparse: 200 pass', limit: 8, decoder: sigmoid, input: levels(sparse()) },
    { scores: 'every score passes', limit: 150, decoder: sigmoid, input: levels(noise(-2.9, 4)) },
    { scores: 'every score is the same', limit: undefined, decoder: sigmoid, input: levels(() => 1) },
    { scores: 'softmax, every score passes', limit: undefined, decoder: softmax, input: levels(noise(-9, 9), 81) },
  ];
  const runs = cases.map(
    ({ decoder, input }) =>
      () =>
        decoder(input, 0, frame),
  );
  const laps = await takeTurns(runs, { rounds, warmUp: 5 });
  return {
    title: 'RetinaNet decode',
    how: `512x512, 80 classes, threshold 0.05, 1000 candidates a level, NMS at 0.5; one thread. ${rounds} rounds after 5 to warm up, milliseconds; other processes took ${othersIn(laps)} of the processors at most.`,
    rows: cases.map(({ scores, limit, decoder, input }, i) => {
      const own = timesOf(laps, i);
      return {
        scores,
        median: median(own),
        minimum: minimum(own),
        spread: spread(own),
        boxes: decoder(input, 0, frame).scores.length,
        ...bar(median(own), limit),
      };
    }),
  };
}
