/** A pair's published ratios beside the measured ones. */

import type { GroupTimes } from '../networks/sessions.js';
import { type Comparison, compareTimes } from '../timing/verdict.js';
import type { Claim, PaperPair } from './published.js';
import type { PairRecord, RatioRecord } from './record.js';

/**
 * @param batch the one that throughput was to be measured at: at 1 the rounds of latency stand for it.
 * @param groups of latency and of throughput, as far as they were measured.
 */
export function pairRecord(pair: PaperPair, batch: number, groups: readonly GroupTimes[]): PairRecord {
  const { name, first, second, part, claims } = pair;
  const [latency] = groups;
  const throughput = batch === 1 ? latency : groups[1];
  const ratio = (quantity: Claim['quantity'], group: GroupTimes | undefined): readonly RatioRecord[] => {
    if (group === undefined) return [];
    const found = claims.filter((claim) => claim.quantity === quantity);
    const measured = compared(group);
    return (found.length === 0 ? [undefined] : found).map((claim) =>
      ratioRecord(quantity, claim, measured, group.batch),
    );
  };
  return {
    name,
    first: first.config,
    second: second.config,
    sides: [first.side, second.side],
    part,
    ratios: [...ratio('latency', latency), ...ratio('throughput', throughput)],
  };
}

function compared({ times: [first = [], second = []] }: GroupTimes): Comparison {
  return compareTimes(
    first.map(({ network }) => network),
    second.map(({ network }) => network),
  );
}

function ratioRecord(
  quantity: Claim['quantity'],
  claim: Claim | undefined,
  { ratio, q25, q75, verdict }: Comparison,
  batch: number,
): RatioRecord {
  const latency = quantity === 'latency';
  const ahead = claim === undefined ? undefined : latency ? claim.ratio < 1 : claim.ratio > 1;
  const direction =
    ahead === undefined
      ? null
      : verdict === 'unclear'
        ? 'unclear'
        : (verdict === 'faster') === ahead
          ? 'same'
          : 'opposite';
  return {
    quantity,
    published: claim === undefined ? null : { ratio: claim.ratio, device: claim.device },
    measured: latency ? { ratio, q25, q75 } : { ratio: 1 / ratio, q25: 1 / q75, q75: 1 / q25 },
    batch,
    direction,
  };
}
