/** Raw outputs and feature maps on a device against the processor's. */

import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { tensor } from '../../core/tensor.js';
import { reasonOf } from '../../engines/reason.js';
import type { OnnxPrecision } from '../../graph/onnx/precision.js';
import { formulaInput } from '../../test/formula_weights.js';
import { relativeError } from '../../test/run_network.js';
import { openFormula, openNamed } from './networks.js';
import type { StepContext } from './steps.js';

/** As docs/devices.md has them, as shares of an output's largest value. */
const BOUNDS: Readonly<Record<OnnxPrecision, number>> = { float32: 1e-5, float16: 2.5e-2 };

const FIRST = [
  ...['b0', 'b1', 'b15', 'b2', 'b3', 'e1', 'e2', 'e3'].map((variant) => `lowformer-${variant}_in1k`),
  'retinanet_lowformer-b0_fpn_1x_coco',
  'sem-fpn_lowformer-b0_40k_ade20k-512x512',
];
const SHORT = ['tiny classifier', 'tiny detector', 'tiny segmentor'];

/** @param which the paper's own networks with a detector and a segmentor, or every other shipped backbone. */
export async function equality(device: string, which: 'first' | 'others', { short, signal, emit }: StepContext) {
  if (short && which === 'others') return;
  const others = Object.keys(SHIPPED_CONFIGS).filter((name) => name.endsWith('_in1k') && !FIRST.includes(name));
  for (const name of short ? SHORT : which === 'first' ? FIRST : others) {
    signal.throwIfAborted();
    try {
      for (const row of await agreement(name, device, short ? 64 : 224, signal)) emit(row);
    } catch (error) {
      signal.throwIfAborted();
      emit({
        network: name,
        precision: '',
        output: '',
        off: null,
        bound: null,
        agrees: false,
        reason: reasonOf(error),
      });
    }
  }
}

async function agreement(name: string, device: string, side: number, signal: AbortSignal) {
  const opened = await openNamed(name);
  const shape = [1, 3, side, side];
  const input = tensor(shape, formulaInput(`input.${side}x${side}`, shape));
  const outputs = async (where: string, precision: OnnxPrecision) => {
    const engine = await openFormula(opened, { device: where, precision, outputs: 'all', sides: [side], signal });
    try {
      return await engine.run({ input }, { signal });
    } finally {
      await engine[Symbol.asyncDispose]();
    }
  };
  const reference = await outputs('cpu', 'float32');
  const rows = [];
  for (const precision of ['float32', 'float16'] as const) {
    const found = await outputs(device, precision);
    const worst = Object.entries(reference)
      .map(([output, tensor]) => ({ output, off: relativeError(found[output], tensor) }))
      .reduce((a, b) => (b.off > a.off ? b : a));
    const bound = BOUNDS[precision];
    rows.push({ network: name, precision, ...worst, bound, agrees: worst.off < bound });
  }
  return rows;
}
