/** What may be said of who is fastest, in a sentence for each set that took turns. */

import type { ComparisonRecord } from '../record.js';
import { ratioText, sizeName } from './format.js';

/**
 * One line a size and batch. Somebody is called fastest only where every comparison says so; where two cannot be told
 * apart the line says that, and names nobody.
 */
export function winnerLines(comparisons: readonly ComparisonRecord[]): readonly string[] {
  const names = [...new Set(comparisons.map(({ size, batch }) => groupName(size, batch)))];
  return names.flatMap((name) => {
    const members = comparisons.filter(({ size, batch }) => groupName(size, batch) === name);
    return verdictOf(members).map((line) => `${name}: ${line}`);
  });
}

/** `512x512, batch 1`. */
export function groupName({ first, second }: ComparisonRecord['size'], batch: number): string {
  const [one, other] = [sizeName(first), sizeName(second)];
  return `${one === other ? one : `${one} and ${other}`}, batch ${batch}`;
}

function verdictOf(comparisons: readonly ComparisonRecord[]): readonly string[] {
  const names = [...new Set(comparisons.flatMap(({ first, second }) => [first, second]))];
  const isRound = comparisons.length === (names.length * (names.length - 1)) / 2;
  if (names.length === 2 || !isRound) return comparisons.map(pairLine);
  const against = (name: string) => comparisons.flatMap((comparison) => seenFrom(name, comparison));
  const fastest = names.find((name) => against(name).every(({ verdict }) => verdict === 'faster'));
  if (fastest !== undefined) {
    const nearest = against(fastest).reduce((best, other) => (other.ratio > best.ratio ? other : best));
    return [`${fastest} is fastest: it takes ${ratioText(nearest)} of the time of the next, ${nearest.second}.`];
  }
  const best = names.find((name) => against(name).every(({ verdict }) => verdict !== 'slower')) ?? names[0] ?? '';
  const unclear = against(best).filter(({ verdict }) => verdict === 'unclear');
  const others = unclear.map(({ second, ...ratio }) => `${second} (${ratioText(ratio)})`);
  return [`no winner: ${best} cannot be told from ${others.join(', ')}. ${NOISE}`];
}

const NOISE = 'The machine is too noisy for such a difference; more rounds or a quieter machine may tell.';

/** One comparison in words: who is faster, or that it cannot be said. */
export function pairLine(comparison: ComparisonRecord): string {
  const { first, second, ratio, q25, q75, verdict } = comparison;
  if (verdict === 'unclear') {
    return `no winner: ${first} takes ${ratioText(comparison)} of the time of ${second}. ${NOISE}`;
  }
  if (verdict === 'faster') return `${first} is faster: it takes ${ratioText(comparison)} of the time of ${second}.`;
  const turned = { ratio: 1 / ratio, q25: 1 / q75, q75: 1 / q25 };
  return `${second} is faster: it takes ${ratioText(turned)} of the time of ${first}.`;
}

/** The comparison with `name` as the first; nothing where it is neither. */
function seenFrom(name: string, comparison: ComparisonRecord): readonly ComparisonRecord[] {
  const { first, second, ratio, q25, q75, verdict, size } = comparison;
  if (first === name) return [comparison];
  if (second !== name) return [];
  const turned = ({ faster: 'slower', slower: 'faster', unclear: 'unclear' } as const)[verdict];
  const sizes = { first: size.second, second: size.first };
  const middle = { q25: 1 / q75, q75: 1 / q25 };
  return [{ ...comparison, first: name, second: first, size: sizes, ratio: 1 / ratio, ...middle, verdict: turned }];
}
