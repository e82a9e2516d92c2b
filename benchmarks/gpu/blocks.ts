/** LowFormer's choices layer by layer, as `lowformer benchmark blocks` measures them. */

import type { Log } from '../../core/log.js';
import { BLOCK_COMPARISON_NAMES } from '../../measuring/blocks/comparisons.js';
import { runBlocks } from '../../measuring/blocks/run.js';
import type { Where } from './networks.js';
import type { StepContext } from './steps.js';

/** Where LowFormer has its layers: few places, since a card compiles each one's shaders first. */
const PLACES = { channels: [32, 128], sides: [14, 56], only: BLOCK_COMPARISON_NAMES, rounds: 9, warmUp: 3 };
const SHORT = { channels: [16], sides: [7], only: BLOCK_COMPARISON_NAMES.slice(0, 1), rounds: 2, warmUp: 1 };

const NOBODY: Log = {
  say() {},
  warn() {},
  progress: () => ({ timed: false, done() {}, stop() {} }),
};

export async function blocks({ device, precision }: Where, { short, signal, emit }: StepContext): Promise<void> {
  const settings = { engine: 'onnxruntime', precision, fastMath: false, threads: undefined, device };
  const { record, failure } = await runBlocks({ ...settings, ...(short ? SHORT : PLACES) }, { signal, log: NOBODY });
  for (const { name, first, second, cells } of record.comparisons) {
    for (const { channels, side, ratio, q25, q75, verdict, pays, ...cell } of cells) {
      const times = { 'first ms': cell.first.milliseconds.median, 'second ms': cell.second.milliseconds.median };
      emit({ comparison: name, first, second, channels, side, ...times, ratio, q25, q75, 'first is': verdict, pays });
    }
  }
  if (failure !== undefined) throw failure;
  signal.throwIfAborted();
}
