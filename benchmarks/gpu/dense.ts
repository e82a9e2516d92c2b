/** Detectors and segmentors from pixels to boxes and label maps, and what they take on the card. */
import { reasonOf } from '../../engines/reason.js';
import { resizedPipeline } from '../../measuring/networks/contestants.js';
import { summarise } from '../../measuring/timing/summary.js';
import { predictionParts } from '../../models/open_config.js';
import { createPredictor, type StageTiming } from '../../tasks/predictor.js';
import { formulaNumbers } from '../../test/formula_weights.js';
import { usedOnCard } from './card_memory.js';
import { openFormula, openNamed, type Where } from './networks.js';
import type { StepContext } from './steps.js';

const VARIANTS = ['b0', 'b1', 'b2', 'b3'];
const WHOLE = VARIANTS.flatMap((variant) => [
  `retinanet_lowformer-${variant}_fpn_1x_coco`,
  `sem-fpn_lowformer-${variant}_40k_ade20k-512x512`,
]);
const SHORT = ['tiny detector', 'tiny segmentor'];

/** Milliseconds of preparing, network and decoding, one picture of noise at a time. */
export async function dense(where: Where, { short, signal, emit }: StepContext): Promise<void> {
  for (const name of short ? SHORT : WHOLE) {
    signal.throwIfAborted();
    try {
      emit(await stages(name, where, { side: short ? 64 : 512, runs: short ? 2 : 20, signal }));
    } catch (error) {
      signal.throwIfAborted();
      emit({ network: name, reason: reasonOf(error) });
    }
  }
}

interface Runs {
  readonly side: number;
  readonly runs: number;
  readonly signal: AbortSignal;
}

async function stages(name: string, { device, precision }: Where, { side, runs, signal }: Runs) {
  const opened = await openNamed(name);
  const { pipeline, labels } = predictionParts(opened);
  const before = await usedOnCard();
  const engine = await openFormula(opened, { device, precision, sides: [side], signal });
  try {
    const size = { height: side, width: side };
    const parts = { model: opened.model, runner: engine, pipeline: resizedPipeline(pipeline, size), labels };
    const predict = createPredictor(parts);
    const noise = formulaNumbers(`picture.${side}`, 3 * side * side, (u) => Math.floor(256 * u));
    const picture = { ...size, data: Uint8Array.from(noise) };
    const times: StageTiming[] = [];
    const warmUp = 3;
    for (let run = 0; run < warmUp + runs; run++) {
      await predict([picture], { signal, onTiming: (timing) => void (run < warmUp || times.push(timing)) });
    }
    const median = (stage: 'prepare' | 'network' | 'decode') => summarise(times.map((time) => time[stage])).median;
    const stage = { prepare: median('prepare'), 'network ms': median('network'), decode: median('decode') };
    const after = await usedOnCard();
    const memory = before === null || after === null ? null : after - before;
    return { network: name, side, ...stage, 'MiB on the card': memory, runs: times.length };
  } finally {
    await engine[Symbol.asyncDispose]();
  }
}
