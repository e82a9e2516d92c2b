/** Forms of a network that passes make of it: which of them is the fastest on this card. */
import type { Tensors } from '../../core/tensor.js';
import { reasonOf } from '../../engines/reason.js';
import { type Pass, switchedPasses } from '../../graph/passes/index.js';
import type { PixelForm } from '../../images/batch.js';
import { resizedPipeline } from '../../measuring/networks/contestants.js';
import { takeTurns, timesOf } from '../../measuring/timing/measure.js';
import { summarise } from '../../measuring/timing/summary.js';
import { candidatesPass, labelsPass } from '../../models/deployed_passes.js';
import { predictionParts } from '../../models/open_config.js';
import { pixelsPass } from '../../models/pixel_form.js';
import type { Model } from '../../tasks/model.js';
import type { Runner } from '../../tasks/network_runs.js';
import { createPredictor } from '../../tasks/predictor.js';
import { createRowsRunner } from '../../tasks/rows_runner.js';
import { formulaNumbers } from '../../test/formula_weights.js';
import { openFormula, openNamed, type Where } from './networks.js';
import type { StepContext } from './steps.js';

const WHOLE = ['retinanet_lowformer-b1_fpn_1x_coco', 'sem-fpn_lowformer-b1_40k_ade20k-512x512'];
const SHORT = ['tiny detector', 'tiny segmentor'];

interface Form {
  readonly name: string;
  readonly passes: readonly Pass[];
  /** Whether a detector's candidates come back in place of its maps. */
  readonly rows?: true;
  /** Whether a segmentor's labels come back in place of its scores. */
  readonly labelled?: true;
  readonly pixels?: PixelForm;
}

/** As the device's networks are by default, with each pass that can be switched, and with each that is about what crosses. */
function formsOf(model: Model): readonly Form[] {
  const candidates = model.task === 'detection' ? candidatesPass(model, true) : undefined;
  const labels = model.task === 'segmentation' ? labelsPass(model, { kind: 'any' }, true) : undefined;
  const pixels = pixelsPass(model.preprocessor);
  return [
    { name: 'default', passes: [] },
    { name: 'packedPixels', passes: [pixels], pixels: 'packed' },
    ...(candidates === undefined
      ? []
      : [
          { name: 'topCandidates', passes: [candidates], rows: true } as const,
          { name: 'packedPixels, topCandidates', passes: [candidates, pixels], rows: true, pixels: 'packed' } as const,
        ]),
    ...(labels === undefined
      ? []
      : [
          { name: 'labelMap', passes: [labels], labelled: true } as const,
          { name: 'packedPixels, labelMap', passes: [labels, pixels], labelled: true, pixels: 'packed' } as const,
        ]),
    { name: 'subPixel', passes: switchedPasses({ subPixel: true }) },
    { name: 'composeLinear, subPixel', passes: switchedPasses({ composeLinear: true, subPixel: true }) },
    { name: 'composePairs, subPixel', passes: switchedPasses({ composePairs: true, subPixel: true }) },
  ];
}

/** Milliseconds from pixels to boxes or a label map, and what crosses to the processor, form by form in turns. */
export async function forms(where: Where, { short, signal, emit }: StepContext): Promise<void> {
  for (const name of short ? SHORT : WHOLE) {
    const side = short ? 64 : 512;
    const opened = await openNamed(name);
    const { model } = opened;
    const { pipeline, labels } = predictionParts(opened);
    const size = { height: side, width: side };
    const noise = formulaNumbers(`picture.${side}`, 3 * side * side, (u) => Math.floor(256 * u));
    const picture = { ...size, data: Uint8Array.from(noise) };
    const contestants: { readonly form: string; readonly run: () => Promise<unknown>; sent: number; read: number }[] =
      [];
    const engines: AsyncDisposable[] = [];
    try {
      for (const { name: form, passes, rows, labelled, pixels } of formsOf(model).slice(0, short ? 5 : undefined)) {
        const engine = await openFormula(opened, { ...where, sides: [side], signal, passes });
        engines.push(engine);
        const counted: Runner = {
          async run(inputs, options) {
            entry.sent = bytesOf(inputs);
            const outputs = await engine.run(inputs, options);
            entry.read = bytesOf(outputs);
            return outputs;
          },
        };
        const runner = rows === true ? createRowsRunner(counted, model.graph) : counted;
        const parts = { model, runner, pipeline: resizedPipeline(pipeline, size), labels, form: pixels, labelled };
        const predict = createPredictor(parts);
        const entry = { form, sent: 0, read: 0, run: () => predict([picture], { signal }) };
        contestants.push(entry);
      }
      const turns = { rounds: short ? 2 : 15, warmUp: short ? 1 : 3, signal, patience: 9_000 };
      const laps = await takeTurns(
        contestants.map(({ run }) => run),
        turns,
      );
      for (const [i, { form, sent, read }] of contestants.entries()) {
        if (laps.length === 0) break;
        const { median, q25, q75 } = summarise(timesOf(laps, i));
        emit({
          network: name,
          form,
          side,
          'picture ms': median,
          q25,
          q75,
          'MB sent': sent / 1e6,
          'MB read back': read / 1e6,
          runs: laps.length,
        });
      }
    } catch (error) {
      signal.throwIfAborted();
      emit({ network: name, reason: reasonOf(error) });
    } finally {
      for (const engine of engines) await engine[Symbol.asyncDispose]();
    }
  }
}

function bytesOf(tensors: Tensors): number {
  return Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
}
