/** What was measured, in words, bars, a table and JSON. */

import type { Claim } from '../../../measuring/paper/published.js';
import { billions, digits, millions, withSpread } from '../../../measuring/presentation/format.js';
import { pairLine } from '../../../measuring/presentation/winner.js';
import { make } from '../page/elements.js';
import type { WebRecord } from './record.js';

/** Of so many rounds all must agree (`compareTimes`). */
const FEWEST_ROUNDS = 6;
/** A single slow round would squeeze all others: beyond so many medians a round is shown at the edge. */
const WIDEST = 2;

/** Shows a record in place of what stood there. */
export function showOutcome(container: HTMLElement, record: WebRecord, claims: readonly Claim[]): void {
  container.replaceChildren(verdict(record, claims), lanes(record), table(record));
}

function verdict({ comparison, complete, settings }: WebRecord, claims: readonly Claim[]): HTMLElement {
  const [headline = '', ...more] = pairLine(comparison).split(/(?<=\.) /);
  const notes = [
    ...more,
    ...(complete ? [] : [`Stopped after ${comparison.rounds} of ${settings.rounds} rounds.`]),
    ...(comparison.rounds < FEWEST_ROUNDS
      ? ['Fewer than six rounds never make a winner: chance may agree as often.']
      : []),
    ...claims.map(publishedLine),
  ].map((note) => make('small', {}, note));
  return make('p', { class: 'verdict' }, headline.replace(/^no winner/, 'No winner'), ...notes);
}

/** As a share of the time: twice the throughput is half the time. */
function publishedLine({ quantity, ratio, device }: Claim): string {
  const share = quantity === 'throughput' ? 1 / ratio : ratio;
  return `The paper reports ${digits(share)} of the time (${quantity}, ${device}).`;
}

/** One lane a network: its median as a length, each round as a dot. */
function lanes({ results }: WebRecord): HTMLElement {
  const longest = Math.max(
    ...results.map(({ milliseconds: { median }, times }) =>
      Math.min(Math.max(1.1 * median, ...times), WIDEST * median),
    ),
  );
  const percent = (time: number) => `${Math.min(100, (100 * time) / longest)}%`;
  const made = results.map(({ config, milliseconds, times }, i) => {
    const length = make('span', { class: 'length' });
    length.style.width = percent(milliseconds.median);
    const dots = times.map((time) => {
      const dot = make('span', { class: 'dot' });
      dot.style.left = percent(time);
      return dot;
    });
    const title = make(
      'div',
      { class: 'title' },
      make('b', {}, config),
      make('span', {}, `${withSpread(milliseconds)} ms`),
    );
    return make(
      'div',
      { class: `lane ${i === 0 ? 'first' : 'second'}` },
      title,
      make('div', { class: 'track' }, length, ...dots),
    );
  });
  return make(
    'div',
    { class: 'lanes' },
    ...made,
    make('small', {}, 'Bar: median. Dots: single rounds. In brackets: the middle half.'),
  );
}

function table({ results }: WebRecord): HTMLElement {
  type Row = readonly [name: string, value: (result: WebRecord['results'][number]) => string];
  const rows: readonly Row[] = [
    ['median', ({ milliseconds }) => `${digits(milliseconds.median)} ms`],
    ['middle half', ({ milliseconds: { q25, q75 } }) => `${digits(q25)} to ${digits(q75)} ms`],
    ['least', ({ milliseconds }) => `${digits(milliseconds.least)} ms`],
    ['pictures a second', (result) => digits(result.pictures_per_second)],
    ['parameters', ({ parameters }) => `${millions(parameters)} M`],
    ['MACs a picture', ({ macs }) => `${millions(macs)} M`],
    ['MACs a second', (result) => `${billions(result.macs_per_second)} G`],
  ];
  const head = make('tr', {}, make('th', {}, ''), ...results.map(({ config }) => make('th', { scope: 'col' }, config)));
  const body = rows.map(([name, value]) =>
    make('tr', {}, make('th', { scope: 'row' }, name), ...results.map((result) => make('td', {}, value(result)))),
  );
  return make('div', { class: 'scroll' }, make('table', {}, make('thead', {}, head), make('tbody', {}, ...body)));
}
