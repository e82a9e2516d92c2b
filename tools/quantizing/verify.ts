/** Whether a quantized model that is there keeps to its bounds. */
import { stat } from 'node:fs/promises';
import type { Log } from '../../core/log.js';
import type { ParameterSource } from '../../graph/graph.js';
import { type OpenedConfig, predictionParts } from '../../models/open_config.js';
import { openQuantizedFile } from '../../models/quantized_file.js';
import { runPictures, startFloat } from '../../quantization/quantize_model.js';
import { type AccuracyReport, comparisonLines, type OutputReport, outputReport } from '../../quantization/report.js';
import type { AccuracyCheck } from './accuracy.js';

export interface Verified {
  readonly opened: OpenedConfig;
  /** Of the float network. */
  readonly weights: { readonly parameters: ParameterSource };
  /** Pictures over which outputs are compared. */
  readonly files: readonly string[];
  /** The quantized model. */
  readonly path: string;
  readonly accuracy: AccuracyCheck | undefined;
  readonly bounds: { readonly minSnr: number | undefined; readonly maxLoss: number | undefined };
}

/** Keys as in the JSON. */
export interface VerificationReport {
  readonly kept: boolean;
  readonly bytes: { readonly int8: number };
  readonly outputs: OutputReport;
  readonly accuracy?: AccuracyReport;
}

/** Outputs are compared over so many pictures. */
const COMPARED_PICTURES = 8;

/** @throws {LowformerError} for a file that is no quantized model, or one of another network. */
export async function verifyQuantized(
  { opened, weights, files, path, accuracy, bounds: { minSnr, maxLoss } }: Verified,
  { threads, signal, log }: { readonly threads?: number; readonly signal: AbortSignal; readonly log: Log },
): Promise<{ readonly report: VerificationReport; readonly lines: readonly string[]; readonly kept: boolean }> {
  const { pipeline } = predictionParts(opened);
  const bytes = await openQuantizedFile(path, opened, { kind: 'prepared', pipeline });
  await using float = await startFloat(opened, weights.parameters, {
    signal,
    ...(threads === undefined ? {} : { threads }),
  });
  const some = files.slice(0, COMPARED_PICTURES);
  await runPictures({ opened, files: some, runner: float, what: 'float network', signal, log });
  const outputs = await float.compare(bytes);
  const figures = await accuracy?.file(path);
  const broken = [
    ...(minSnr !== undefined && outputs.signalToNoise < minSnr
      ? [`${path}: expected outputs of at least ${minSnr} dB but they are at ${outputs.signalToNoise.toFixed(1)} dB`]
      : []),
    ...(maxLoss !== undefined && figures !== undefined && figures.loss > maxLoss
      ? [`${path}: expected at most ${maxLoss} points less but lost ${figures.loss.toFixed(2)} of ${figures.figure}`]
      : []),
  ];
  const kept = broken.length === 0;
  const compared = { outputs: outputReport(outputs), ...(figures === undefined ? {} : { accuracy: figures }) };
  const report: VerificationReport = { kept, bytes: { int8: (await stat(path)).size }, ...compared };
  for (const line of broken) log.warn(line);
  return { report, lines: [...comparisonLines(compared), kept ? 'kept' : 'not kept'], kept };
}
