/** `bestClasses` against decoding of the scores, in both engines. */
import { describe, expect, test } from 'vitest';
import type { FrameTransform } from '../../core/frame.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { createSegmentationDecoder } from '../../decoding/segmentation_decoder.js';
import { createEngine } from '../../engines/index.js';
import { graphBuilder } from '../../graph/builder.js';
import { runPasses } from '../../graph/passes/index.js';
import { LABELS, labelMap } from '../../graph/passes/label_map.js';
import { givenLabels, labelSizes } from '../../tasks/label_sizes.js';
import { labelsNetwork, smoothScores } from '../label_networks.js';
import { formulaNetwork, onnxBytes, runNetwork, runOnnx } from '../run_network.js';

interface Case {
  readonly classes: number;
  readonly alignCorners: boolean;
  readonly resized: readonly [width: number, height: number];
  readonly original: readonly [width: number, height: number];
}

const CASES: readonly Case[] = [
  { classes: 2, alignCorners: false, resized: [64, 48], original: [64, 48] },
  { classes: 37, alignCorners: false, resized: [61, 45], original: [61, 45] },
  { classes: 16, alignCorners: false, resized: [64, 40], original: [97, 70] },
  { classes: 17, alignCorners: true, resized: [60, 48], original: [31, 22] },
];

function frameOf({ resized, original }: Case): FrameTransform {
  const size = ([width, height]: readonly [number, number]) => ({ width, height });
  const [scaleX, scaleY] = [resized[0] / original[0], resized[1] / original[1]];
  return {
    original: size(original),
    resized: size(resized),
    padded: { width: 64, height: 48 },
    scaleX,
    scaleY,
    left: 0,
    top: 0,
  };
}

async function decoded(scores: Tensor, given: Case) {
  const { alignCorners } = given;
  const decoder = createSegmentationDecoder({ head: 'TestHead', output: 'scores', alignCorners, threshold: 0.3 });
  return Promise.all([0, 1].map((i) => decoder.decode({ scores }, i, frameOf(given))));
}

describe.each(CASES)('%o', (given) => {
  const { classes, alignCorners } = given;
  const scores = smoothScores(2, classes, 12, 16);
  const inputs = {
    ...labelSizes(frameOf(given), 2),
    scores,
    input: tensor([2, 3, 48, 64], new Float32Array(2 * 3 * 48 * 64)),
  };
  const network = labelsNetwork(classes, alignCorners);

  test('ONNX Runtime', async () => {
    const outputs = await runNetwork(network, inputs);
    const expected = await decoded(scores, given);
    expect([0, 1].map((i) => givenLabels(outputs, i, classes))).toEqual(expected);
    expect(new Set(expected[0]?.labels).size).toBeGreaterThan(1);
  });

  test('TensorFlow.js', async () => {
    await using engine = await createEngine('tfjs', network, { device: 'cpu' });
    const outputs = await engine.run(inputs);
    expect([0, 1].map((i) => givenLabels(outputs, i, classes))).toEqual(await decoded(scores, given));
  });
});

const FRAME = frameOf({ classes: 3, alignCorners: false, resized: [64, 48], original: [64, 48] });
const PICTURE = tensor([1, 3, 48, 64], new Float32Array(3 * 48 * 64));

test('the first of equal classes', async () => {
  const scores = tensor(
    [1, 40, 12, 16],
    new Float32Array(40 * 12 * 16).map((_, i) => (i >= 5 * 192 ? 1 : 0)),
  );
  const outputs = await runNetwork(labelsNetwork(40, false), { ...labelSizes(FRAME, 1), scores, input: PICTURE });
  expect(new Set(givenLabels(outputs, 0, 40)?.labels)).toEqual(new Set([5]));
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('a score of %d is told', async (value) => {
  const scores = smoothScores(2, 3, 12, 16);
  scores.data[3 * 192 + 100] = value;
  const input = tensor([2, 3, 48, 64], new Float32Array(2 * 3 * 48 * 64));
  const outputs = await runNetwork(labelsNetwork(3, false), { ...labelSizes(FRAME, 2), scores, input });
  expect(givenLabels(outputs, 0, 3)?.labels).toHaveLength(48 * 64);
  expect(() => givenLabels(outputs, 1, 3)).toThrow('class scores: expected numbers from the network');
});

test('labels are whole in float16', async () => {
  const scores = tensor(
    [1, 300, 12, 16],
    new Float32Array(300 * 192).map((_, i) => (i >= 299 * 192 ? 1 : 0)),
  );
  const bytes = onnxBytes(labelsNetwork(300, false), 'float16');
  const outputs = await runOnnx(bytes, { ...labelSizes(FRAME, 1), scores, input: PICTURE });
  expect(new Set(givenLabels(outputs, 0, 300)?.labels)).toEqual(new Set([299]));
});

test('the pass', () => {
  const g = graphBuilder();
  const logits = g.conv(g.input('input', 3), { out: 4, kernel: 3, stride: 2 });
  const network = formulaNetwork(g.finish([{ name: 'logits', value: logits }]));
  const { graph } = runPasses(network, [labelMap({ output: 'logits', alignCorners: false })]);
  expect(graph.outputs.map(({ name }) => name)).toEqual([LABELS]);
  expect(graph.inputs.map(({ name }) => name)).toEqual(['input', 'seen_rows', 'seen_columns', 'rows', 'columns']);
  expect(() => runPasses(network, [labelMap({ output: 'scores', alignCorners: false })])).toThrow(
    "graph: expected one input, and an output 'scores', but received 'input, logits'",
  );
});
