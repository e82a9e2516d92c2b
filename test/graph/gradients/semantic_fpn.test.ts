/** A whole network's gradients against PyTorch's: Semantic FPN with a small LowFormer, as mmseg trains it. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { lowformer } from '../../../backbones/lowformer.js';
import { elements, type Tensor, type Tensors, tensor } from '../../../core/tensor.js';
import { graphBuilder } from '../../../graph/builder.js';
import { afterName, batchStatistics } from '../../../graph/gradients/batch_statistics.js';
import { differentiate, gradientName } from '../../../graph/gradients/differentiate.js';
import type { Graph, Network } from '../../../graph/graph.js';
import { fixedInputs, runPasses } from '../../../graph/passes/index.js';
import { fpnHead } from '../../../heads/fpn_head.js';
import { fpn } from '../../../necks/fpn.js';
import { buildLosses } from '../../../tasks/build_losses.js';
import { buildModel } from '../../../tasks/build_model.js';
import { runTfjs } from '../../engines/tfjs/run_tfjs.js';
import { formulaInput, formulaNumbers } from '../../formula_weights.js';
import { formulaNetwork, onnxBytes, relativeError, runOnnx } from '../../run_network.js';
import { fedValues } from './directional.js';

const part = z.looseObject({ type: z.string() });
const sums = z.object({
  losses: z.object({ 'decode.loss_ce': z.number() }),
  gradients: z.record(z.string(), z.object({ l2: z.number(), sum: z.number() })),
});
const reference = z
  .object({
    model: z.object({ backbone: part, neck: part, decode_head: part }),
    bn_frozen: sums,
    bn_batch: sums,
    /** Base64 of little-endian float32. */
    whole: z.record(
      z.string(),
      z.base64().transform((text) => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer)),
    ),
  })
  .parse(
    JSON.parse(
      gunzipSync(readFileSync(new URL('../../fixtures/gradients/semantic_fpn.json.gz', import.meta.url))).toString(),
    ),
  );

const SHAPE = [2, 3, 96, 160] as const;
const [BATCH, , HEIGHT, WIDTH] = SHAPE;
const CLASSES = 7;
const IGNORED = 255;

const without = (config: z.output<typeof part>, keys: readonly string[] = []) =>
  Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'type' && !keys.includes(key)));

/** Outputs `y`: logits at the size of the input, as mmseg enlarges them before its loss. */
function graph(): Graph {
  const { backbone, neck, decode_head } = reference.model;
  const g = graphBuilder();
  const input = g.input('input', 3);
  const features = lowformer.build(g.scope('backbone'), input, lowformer.schema.parse(without(backbone)));
  const levels = fpn.build(g.scope('neck'), features, fpn.schema.parse(without(neck)));
  const config = fpnHead.schema.parse(without(decode_head, fpnHead.trainingKeys));
  const [logits] = fpnHead.build(g.scope('decode_head'), levels, config);
  if (logits === undefined) throw new Error('no logits');
  const value = g.emit('resizeBilinearLike', [logits.value, input], { alignCorners: false });
  return g.finish([{ name: 'y', value }]);
}

/** floor(9u) of the formula, 7 and 8 ignored. */
const labels = formulaInput('input.labels', [BATCH, HEIGHT, WIDTH]).map((value) => {
  const label = Math.floor((9 * (value + 2)) / 4);
  return label < CLASSES ? label : IGNORED;
});

/** mmseg's cross-entropy, a mean over all pixels with those that are ignored, and its gradient. */
function crossEntropy({ shape, data }: Tensor): { readonly loss: number; readonly gradient: Tensor } {
  const gradient = new Float32Array(data.length);
  const pixels = HEIGHT * WIDTH;
  let loss = 0;
  for (let i = 0; i < BATCH * pixels; i++) {
    const label = labels[i] ?? IGNORED;
    if (label === IGNORED) continue;
    const at = (c: number) => (Math.floor(i / pixels) * CLASSES + c) * pixels + (i % pixels);
    const exponentials = Array.from({ length: CLASSES }, (_, c) => Math.exp(data[at(c)] ?? Number.NaN));
    const total = exponentials.reduce((sum, value) => sum + value, 0);
    loss -= Math.log((exponentials[label] ?? Number.NaN) / total) / (BATCH * pixels);
    exponentials.forEach((value, c) => {
      gradient[at(c)] = (value / total - (c === label ? 1 : 0)) / (BATCH * pixels);
    });
  }
  return { loss, gradient: tensor(shape, gradient) };
}

const passes = {
  bn_frozen: [differentiate({ of: ['y'], from: 'inputs' })],
  bn_batch: [batchStatistics(), differentiate({ of: ['y'], from: 'inputs' })],
};
const trained = (form: keyof typeof passes): Network => runPasses(formulaNetwork(graph()), passes[form]);

/** For inputs of these shapes alone: ONNX Runtime makes it ready in a third of the time. */
function bytesFor(network: Network, inputs: Tensors): Uint8Array {
  const shapes = network.graph.inputs.map(({ name }) => [name, inputs[name]?.shape ?? []] as const);
  return onnxBytes(runPasses(network, [fixedInputs(Object.fromEntries(shapes))]));
}

async function run(network: Network) {
  // A name of the same hash as the reference's: the picture that it was given.
  const input = tensor(SHAPE, formulaInput('input.noxukny', SHAPE));
  const inputs = { input, ...fedValues(network) };
  const shape = [BATCH, CLASSES, HEIGHT, WIDTH];
  const seed = (data: Float32Array) => ({ ...inputs, [gradientName('y')]: tensor(shape, data) });
  const zeros = seed(new Float32Array(elements(shape)));
  const bytes = bytesFor(network, zeros);
  const { y } = await runOnnx(bytes, zeros);
  const { loss, gradient } = crossEntropy(y ?? tensor([0], new Float32Array()));
  const feeds = seed(gradient.data);
  return { loss, feeds, outputs: await runOnnx(bytes, feeds) };
}

/**
 * Of each gradient's norm; a single element may lie ten times as far off. Under batch statistics a value next to the kink of
 * an activation, where float32 alone decides on which side it lies, moves everything before it. Of this picture's values two
 * do: 8e-6 before the ReLU of `scale_heads.0.0`, channel 7, row 21, column 17 of the first picture, which the reference has
 * on the other side than float64 has it; and 8e-6 before that of `scale_heads.3.4`, channel 19, row 3, column 7, where
 * engines differ. In float64 with the same sides both agree within 1e-4: each of the two alone moves norms by 1e-3. A picture
 * without such values is held to 1e-4 below.
 */
const BOUNDS = { bn_frozen: 1e-4, bn_batch: 2e-3 };

describe.each(['bn_frozen', 'bn_batch'] as const)('%s', (form) => {
  const network = trained(form);
  let found: Promise<Awaited<ReturnType<typeof run>>>;
  beforeAll(() => {
    found = run(network);
  });

  test('loss, gradients of all parameters and running statistics are PyTorch’s', async () => {
    const { loss, outputs } = await found;
    const { losses, gradients } = reference[form];
    expect(Math.abs(loss / losses['decode.loss_ce'] - 1)).toBeLessThan(1e-5);
    const names = Object.keys(outputs).filter((name) => name.startsWith(gradientName('')));
    expect(names.toSorted()).toEqual(Object.keys(gradients).map(gradientName).toSorted());
    const largest = Math.max(...Object.values(gradients).map(({ l2 }) => l2));
    for (const [name, { l2, sum }] of Object.entries(gradients)) {
      const data = outputs[gradientName(name)]?.data ?? new Float32Array([Number.NaN]);
      const norm = Math.sqrt(data.reduce((part, value) => part + value * value, 0));
      // What feeds a batch norm has no gradient under batch statistics: what stands there is rounding.
      const floor = form === 'bn_batch' ? 1e-5 * largest : 0;
      const bound = BOUNDS[form] * l2 + floor;
      expect(Math.abs(norm - l2), `${name}: ${norm} and ${l2}`).toBeLessThan(bound);
      const total = data.reduce((part, value) => part + value, 0);
      expect(Math.abs(total - sum), `sum of ${name}`).toBeLessThan(bound * Math.sqrt(data.length));
    }
    for (const [name, expected] of Object.entries(reference.whole)) {
      const output = name.startsWith('after.') ? name : gradientName(name.slice(form.length + 1));
      if (!(name.startsWith(`${form}.`) || (form === 'bn_batch' && name.startsWith(afterName(''))))) continue;
      const { shape } = outputs[output] ?? { shape: [] };
      const bound = name.startsWith(afterName('')) ? 1e-5 : 10 * BOUNDS[form];
      expect(relativeError(outputs[output], tensor(shape, expected)), name).toBeLessThan(bound);
    }
  });

  test('TensorFlow.js says the same', async () => {
    const { feeds, outputs } = await found;
    const actual = await runTfjs(network, feeds);
    const largest = Math.max(...Object.values(reference[form].gradients).map(({ l2 }) => l2));
    for (const [name, expected] of Object.entries(outputs)) {
      const size = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      if (name.startsWith(gradientName('')) && size < 1e-5 * largest) continue;
      expect(relativeError(actual[name], expected), name).toBeLessThan(10 * BOUNDS[form]);
    }
  });
});

describe('a picture that leaves no value next to a kink, statistics of the batch', () => {
  const clear = z
    .object({
      tag: z.string(),
      shape: z.array(z.int()),
      loss: z.number(),
      gradients: z.record(z.string(), z.object({ l2: z.number(), sum: z.number() })),
    })
    .parse(
      JSON.parse(readFileSync(new URL('../../fixtures/gradients/semantic_fpn_clear.json', import.meta.url)).toString()),
    );

  test('loss and gradients of all parameters are those of float64', async () => {
    const model = { type: 'EncoderDecoder', ...reference.model };
    const losses = buildLosses(buildModel(model), model);
    if (losses.task !== 'segmentation') throw new Error('a segmentor');
    const [batch = 0, , height = 0, width = 0] = clear.shape;
    const numbers = formulaNumbers('input.labels', batch * height * width, (u) => Math.floor(9 * u));
    const maps = Array.from({ length: batch }, (_, i) => {
      const own = numbers.subarray(i * height * width, (i + 1) * height * width);
      return { height, width, labels: Uint8Array.from(own, (label) => (label < CLASSES ? label : IGNORED)) };
    });
    const network = runPasses(formulaNetwork(losses.graph), [batchStatistics(), differentiate({ of: losses.losses })]);
    const input = tensor(clear.shape, formulaInput(clear.tag, clear.shape));
    const targets = losses.targets(maps, clear.shape);
    const feeds = { input, ...targets, ...fedValues(network) };
    const outputs = await runOnnx(bytesFor(network, feeds), feeds);
    expect(Math.abs((outputs['decode.loss_ce']?.data[0] ?? Number.NaN) / clear.loss - 1)).toBeLessThan(1e-5);
    // What feeds a batch norm has no gradient: what stands there is rounding.
    const largest = Math.max(...Object.values(clear.gradients).map(({ l2 }) => l2));
    for (const [name, { l2, sum }] of Object.entries(clear.gradients)) {
      const data = outputs[gradientName(name)]?.data ?? Float32Array.of(Number.NaN);
      const norm = Math.sqrt(data.reduce((part, value) => part + value * value, 0));
      const bound = 1e-4 * l2 + 1e-6 * largest;
      expect(Math.abs(norm - l2), `${name}: ${norm} and ${l2}`).toBeLessThan(bound);
      const total = data.reduce((part, value) => part + value, 0);
      expect(Math.abs(total - sum), `sum of ${name}`).toBeLessThan(bound * Math.sqrt(data.length));
    }
  });
});
