/** From measured cells to a line that says where LowFormer's choice pays. */

import { digits } from '../presentation/format.js';
import { median } from '../timing/measure.js';
import type { Verdict } from '../timing/verdict.js';
import type { BlockCell } from './record.js';

/** The choice pays where it is the faster of the two; where the rounds do not agree, nothing is said. */
export function paying(choice: BlockCell['choice'], verdict: Verdict): BlockCell['pays'] {
  if (verdict === 'unclear') return 'unclear';
  return (verdict === 'faster') === (choice === 'first') ? 'yes' : 'no';
}

interface Choice {
  readonly first: string;
  readonly second: string;
  readonly choiceText: string;
}

/** Names every place where it pays and where it does not, and what a MAC costs in either. */
export function findingOf(cells: readonly BlockCell[], { first, second, choiceText }: Choice): string {
  if (cells.length === 0) return 'Nothing was measured.';
  const places = (pays: BlockCell['pays']) => cells.filter((cell) => cell.pays === pays);
  const [yes, no, unclear] = [places('yes'), places('no'), places('unclear')];
  const speed = median(cells.map((cell) => cell.first.macs_per_second / cell.second.macs_per_second));
  const told =
    yes.length + no.length === 0
      ? ['Whether that pays cannot be told anywhere, within the noise.']
      : [
          yes.length === 0
            ? 'That is shown to pay nowhere here.'
            : `That pays at ${yes.length} of ${cells.length} places: ${listed(yes)}.`,
          ...(no.length === 0 ? [] : [`It costs time at ${no.length}: ${listed(no)}.`]),
          ...(unclear.length === 0
            ? []
            : [`Not to be told, within the noise, at ${unclear.length}: ${listed(unclear)}.`]),
        ];
  const rate = `In the median, ${first} does ${digits(speed)} times as many MACs a second as ${second}.`;
  return [`LowFormer ${choiceText}.`, ...told, rate].join(' ');
}

/** `16 channels at 7x7 (0.81), 14x14 (0.9); 32 at 7x7 (0.7)`: in brackets the time of the first to the second. */
function listed(cells: readonly BlockCell[]): string {
  const widths = [...new Set(cells.map(({ channels }) => channels))];
  return widths
    .map((channels, i) => {
      const maps = cells.filter((cell) => cell.channels === channels);
      const sides = maps.map(({ side, ratio }) => `${side}x${side} (${digits(ratio)})`);
      return `${channels}${i === 0 ? ' channels' : ''} at ${sides.join(', ')}`;
    })
    .join('; ');
}
