import type { Report } from '../scoring/report.js';

/** One of `of` equal parts of a dataset, counted from 1. */
export interface Shard {
  readonly shard: number;
  readonly of: number;
}

/**
 * Positions of the pictures of a shard, ascending. Whole batches are dealt out in turn: pictures of one batch pad each
 * other, so that each is run in the same company as without shards.
 */
export function shardPositions(pictures: number, batchSize: number, { shard, of }: Shard): readonly number[] {
  return Array.from({ length: pictures }, (_, i) => i).filter((i) => Math.floor(i / batchSize) % of === shard - 1);
}

/** Figures belong to the whole dataset: of a shard it is said what was done. */
export function shardReport({ shard, of }: Shard, pictures: number, counts: Readonly<Record<string, number>>): Report {
  const said = Object.entries(counts).map(([name, count]) => `, ${count} ${name}`);
  const headline = `shard ${shard}/${of}: ${pictures} pictures${said.join('')}`;
  return { record: { shard, of, pictures, ...counts }, text: headline, headline };
}
