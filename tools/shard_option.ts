import { InvalidArgumentError } from 'commander';
import type { Shard } from '../runs/shards.js';

/** For commander: `3/8`. */
export function parseShard(text: string): Shard {
  const [, shard = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (shard >= 1 && shard <= of) return { shard, of };
  throw new InvalidArgumentError('Expected PART/PARTS counted from 1, such as 3/8.');
}
