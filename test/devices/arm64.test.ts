import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Tensors } from '../../core/tensor.js';
import { graphBuilder } from '../../graph/builder.js';
import type { Network } from '../../graph/graph.js';
import type { OnnxPrecision } from '../../graph/onnx/precision.js';
import { readSafetensors, writeSafetensors } from '../../weights/safetensors.js';
import { needs } from '../needs.js';
import { formulaNetwork, onnxBytes, relativeError, runOnnx } from '../run_network.js';
import { temporaryFolder } from '../tools/command_line.js';
import { hasArm64, runOnArm64 } from './emulators.js';
import { INPUT, NETWORKS } from './tiny_networks.js';

const PROGRAM = fileURLToPath(new URL('./programs/run_models.js', import.meta.url));
const printedSchema = z.object({
  platform: z.string(),
  devices: z.array(z.object({ name: z.string(), available: z.boolean() })),
});

/**
 * Of the largest value, against x64 in float32. Measured: 4.2e-7, and 4.0e-3, because ONNX Runtime's ARM64 kernels
 * calculate in float16 where x64 converts to float32 and back.
 */
const BOUNDS = { float32: 1e-5, float16: 6e-3 } as const;
/** bfloat16 keeps 8 bits of each factor; the sums are float32's. Measured: 2.9e-3. */
const FAST_MATH_BOUND = 1e-2;
/** Raspberry Pi 4's processor: no bfloat16, and no float16 but conversions to and from float32. */
const OLD = 'cortex-a72';

const networks = { detector: NETWORKS.detector, segmentor: NETWORKS.segmentor, products: products() };
type Name = keyof typeof networks;

/** Matrix products, which fast math is for: convolutions are not changed by it. */
function products(): Network {
  const g = graphBuilder();
  const maps = g.scope('qkv').conv(g.input('input', 3), { out: 192, kernel: 3, stride: 8, pad: 1 });
  const mixed = g.emit('linearAttention', [maps], { heads: 2, headDim: 32, epsilon: 1e-5 });
  return formulaNetwork(g.finish([{ name: 'mixed', value: mixed }]));
}

describe('ARM64, in an emulator', needs('arm64', hasArm64), () => {
  const folder = temporaryFolder();
  const path = (...parts: readonly string[]) => join(folder, parts.join('.'));
  const result = (name: Name, kind: string): Promise<Tensors> => readSafetensors(path(name, kind));
  let printed: z.output<typeof printedSchema> | undefined;

  beforeAll(async () => {
    await writeSafetensors(path('input'), { input: INPUT });
    const model = (name: Name, precision: OnnxPrecision) => {
      writeFileSync(path(name, precision, 'onnx'), onnxBytes(networks[name], precision));
      return path(name, precision, 'onnx');
    };
    const plain = (['detector', 'segmentor'] as const).flatMap((name) =>
      (['float32', 'float16'] as const).map((precision) => ({
        model: model(name, precision),
        fastMath: false,
        outputs: path(name, precision),
      })),
    );
    const whole = model('products', 'float32');
    const fast = (kind: string) => ({ model: whole, fastMath: true, outputs: path('products', kind) });
    const exact = { model: whole, fastMath: false, outputs: path('products', 'float32') };
    printed = await run([...plain, exact, fast('bfloat16')], 'max');
    const half = {
      model: path('detector', 'float16', 'onnx'),
      fastMath: false,
      outputs: path('detector', 'converted'),
    };
    await run([fast('without bfloat16'), half], OLD);
  }, 300_000);

  async function run(runs: readonly object[], cpu: string) {
    writeFileSync(path('job'), JSON.stringify({ input: path('input'), runs }));
    const { code, stdout, stderr } = await runOnArm64(PROGRAM, [path('job')], cpu);
    expect(code, stderr).toBe(0);
    return printedSchema.parse(JSON.parse(stdout));
  }

  test('is what the engine says that it runs on', () => {
    expect(printed?.platform).toBe('linux arm64');
    expect(printed?.devices.filter(({ available }) => available)).toMatchObject([{ name: 'cpu' }]);
  });

  describe.each(['detector', 'segmentor'] as const)('a tiny %s', (name) => {
    test.each(['float32', 'float16'] as const)('in %s gives the numbers of x64', async (precision) => {
      const expected = await runOnnx(onnxBytes(networks[name]), { input: INPUT });
      const actual = await result(name, precision);
      expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
      for (const [output, reference] of Object.entries(expected)) {
        expect(relativeError(actual[output], reference), output).toBeLessThan(BOUNDS[precision]);
      }
    });
  });

  test('a processor without float16 arithmetic runs float16 too', async () => {
    const expected = await runOnnx(onnxBytes(networks.detector), { input: INPUT });
    const actual = await result('detector', 'converted');
    // Measured: 6.7e-4.
    for (const [output, reference] of Object.entries(expected)) {
      expect(relativeError(actual[output], reference), output).toBeLessThan(2e-3);
    }
  });

  test('fast math changes products on a processor with bfloat16 instructions, by little, and no others', async () => {
    const { mixed } = await result('products', 'float32');
    if (mixed === undefined) throw new Error('no output');
    const fast = relativeError((await result('products', 'bfloat16')).mixed, mixed);
    expect(fast).toBeGreaterThan(0);
    expect(fast).toBeLessThan(FAST_MATH_BOUND);
    const without = (await result('products', 'without bfloat16')).mixed;
    expect(relativeError(without, mixed)).toBeLessThan(BOUNDS.float32);
  });
});
