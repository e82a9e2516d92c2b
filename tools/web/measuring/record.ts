/** What the measuring page gives out as JSON: strict, with the keys of `lowformer benchmark` where they mean the same. */
import { z } from 'zod';
import { comparisonSchema, partSchema, resultSchema, sizeSchema } from '../../../measuring/record.js';
import { summarise } from '../../../measuring/timing/summary.js';
import { compareTimes } from '../../../measuring/timing/verdict.js';
import { type Cost, type MeasuringSettings, WARM_UP } from './protocol.js';

export const machineSchema = z.strictObject({
  user_agent: z.string(),
  cores: z.int().positive(),
  /** Of the processor, as far as the network uses them. */
  threads: z.int().positive(),
  /** null where no graphics processor was used. */
  graphics: z.string().nullable(),
  lowformer: z.string(),
  onnxruntime_web: z.string(),
});
export type Machine = z.output<typeof machineSchema>;

export const webRecordSchema = z.strictObject({
  kind: z.literal('web-benchmark'),
  /** false where it was stopped: the rounds until then are here. */
  complete: z.boolean(),
  date: z.iso.datetime(),
  machine: machineSchema,
  settings: z.strictObject({
    device: z.enum(['webgpu', 'wasm']),
    part: partSchema,
    size: sizeSchema,
    batch: z.int().positive(),
    rounds: z.int().positive(),
    warm_up: z.int().min(0),
  }),
  results: z.tuple([
    resultSchema.omit({ others: true, memory: true, stages: true }),
    resultSchema.omit({ others: true, memory: true, stages: true }),
  ]),
  comparison: comparisonSchema,
});
export type WebRecord = z.output<typeof webRecordSchema>;
type WebResult = WebRecord['results'][number];

/** Milliseconds of each round that counts: of the first network and of the second. */
export type Rounds = readonly (readonly [number, number])[];

/** @param rounds one at least. */
export function webRecord(
  settings: MeasuringSettings,
  costs: readonly [Cost, Cost],
  rounds: Rounds,
  machine: Machine,
): WebRecord {
  const { first, second, part, device, size, batch } = settings;
  const [firstTimes, secondTimes] = [rounds.map(([time]) => time), rounds.map(([, time]) => time)];
  return {
    kind: 'web-benchmark',
    complete: rounds.length === settings.rounds,
    date: new Date().toISOString(),
    machine,
    settings: { device, part, size, batch, rounds: settings.rounds, warm_up: WARM_UP },
    results: [resultOf(first, settings, costs[0], firstTimes), resultOf(second, settings, costs[1], secondTimes)],
    comparison: { first, second, size: { first: size, second: size }, batch, ...compareTimes(firstTimes, secondTimes) },
  };
}

function resultOf(config: string, settings: MeasuringSettings, cost: Cost, times: number[]): WebResult {
  const { part, device, size, batch } = settings;
  const milliseconds = summarise(times);
  const seconds = milliseconds.median / 1000;
  return {
    config,
    part,
    device,
    size,
    batch,
    weights: 'initial',
    ...cost,
    rounds: times.length,
    milliseconds,
    pictures_per_second: batch / seconds,
    macs_per_second: (batch * cost.macs) / seconds,
    times,
  };
}
