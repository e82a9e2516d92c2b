/** What is counted, as plain data: it goes from process to process, and is summed over them. */
import { z } from 'zod';

const sampleSchema = z.object({
  /** Behind the family's name: `_bucket`, `_sum` and `_count` of a histogram. */
  suffix: z.enum(['', '_bucket', '_sum', '_count']),
  labels: z.record(z.string(), z.string()).readonly(),
  value: z.number(),
});

/** For families that come from another process. */
export const familySchema = z.object({
  name: z.string(),
  help: z.string(),
  type: z.enum(['counter', 'gauge', 'histogram']),
  /** Of several processes: their sum, or the largest of them, for what they all say alike. */
  merged: z.enum(['sum', 'largest']),
  samples: z.array(sampleSchema.readonly()).readonly(),
});

export type Sample = Readonly<z.output<typeof sampleSchema>>;
export type Labels = Sample['labels'];

/** A metric of https://prometheus.io/docs/concepts/metric_types. */
export type Family = Readonly<z.output<typeof familySchema>>;

export interface Counter {
  add(labels: Labels, by?: number): void;
  family(): Family;
}

export interface Histogram {
  observe(labels: Labels, value: number): void;
  family(): Family;
}

/** @param name ends in `_total`, as counters' names do. */
export function counter(name: string, help: string): Counter {
  const counts = new Map<string, { readonly labels: Labels; value: number }>();
  return {
    add(labels, by = 1) {
      const key = keyOf(labels);
      const entry = counts.get(key) ?? { labels, value: 0 };
      entry.value += by;
      counts.set(key, entry);
    },
    family() {
      const samples = [...counts.values()].map(({ labels, value }): Sample => ({ suffix: '', labels, value }));
      return { name, help, type: 'counter', merged: 'sum', samples };
    },
  };
}

/** @param bounds upper ones of the buckets, ascending; the last bucket, without a bound, is added. */
export function histogram(name: string, help: string, bounds: readonly number[]): Histogram {
  const all = [...bounds, Number.POSITIVE_INFINITY];
  const series = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>();
  return {
    observe(labels, value) {
      const key = keyOf(labels);
      const entry = series.get(key) ?? { labels, counts: all.map(() => 0), sum: 0 };
      const at = all.findIndex((bound) => value <= bound);
      entry.counts[at] = (entry.counts[at] ?? 0) + 1;
      entry.sum += value;
      series.set(key, entry);
    },
    family() {
      const samples = [...series.values()].flatMap(({ labels, counts, sum }): Sample[] => {
        let below = 0;
        const buckets = all.map((bound, i): Sample => {
          below += counts[i] ?? 0;
          return { suffix: '_bucket', labels: { ...labels, le: numeral(bound) }, value: below };
        });
        return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: below }];
      });
      return { name, help, type: 'histogram', merged: 'sum', samples };
    },
  };
}

/** What is looked at when it is asked for. */
export function gauge(
  name: string,
  help: string,
  values: readonly (readonly [Labels, number])[],
  merged: Family['merged'] = 'sum',
): Family {
  const samples = values.map(([labels, value]): Sample => ({ suffix: '', labels, value }));
  return { name, help, type: 'gauge', merged, samples };
}

/** Those of several processes as one's. */
export function mergeFamilies(processes: readonly (readonly Family[])[]): readonly Family[] {
  const merged = new Map<string, Family>();
  for (const family of processes.flat()) {
    const before = merged.get(family.name);
    merged.set(family.name, before === undefined ? family : { ...family, samples: mergeSamples(before, family) });
  }
  return [...merged.values()];
}

function mergeSamples({ samples, merged }: Family, other: Family): readonly Sample[] {
  const byKey = new Map(samples.map((sample) => [sampleKey(sample), sample]));
  for (const sample of other.samples) {
    const before = byKey.get(sampleKey(sample))?.value;
    const value =
      before === undefined ? sample.value : merged === 'sum' ? before + sample.value : Math.max(before, sample.value);
    byKey.set(sampleKey(sample), { ...sample, value });
  }
  return [...byKey.values()];
}

const sampleKey = ({ suffix, labels }: Sample): string => `${suffix} ${keyOf(labels)}`;

function keyOf(labels: Labels): string {
  return JSON.stringify(labels);
}

/** A number as the format has it. */
export function numeral(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
