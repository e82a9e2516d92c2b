import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Columns of a terminal that a last column keeps, however narrow the terminal. */
const NARROWEST = 16;

/**
 * Columns padded to the widest cell, a rule below the heading. Widths are those of a terminal: two for a letter of
 * Chinese, Japanese or Korean and for an emoji, none for a combining mark.
 * @param align by column; left where nothing is said.
 * @param width columns of the terminal that the table may take: its last column is broken into lines to fit.
 */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[] = [],
  width = Number.POSITIVE_INFINITY,
): string {
  const last = heading.length - 1;
  const natural = heading.map((title, i) => Math.max(...[title, ...rows.map((row) => row[i] ?? '')].map(widestLine)));
  const before = natural.slice(0, last).reduce((sum, column) => sum + column + 2, 0);
  const widths = natural.with(last, Math.min(natural[last] ?? 0, Math.max(NARROWEST, width - before)));
  const lines = (cells: readonly string[]) => {
    const [first = '', ...others] = broken(cells[last] ?? '', widths[last] ?? 0);
    return [[...cells.slice(0, last), first], ...others.map((text) => [...Array(last).fill(''), text])].map((line) =>
      line
        .map((cell, i) => padded(cell, widths[i] ?? 0, align[i]))
        .join('  ')
        .trimEnd(),
    );
  };
  const rule = widths.map((column) => '-'.repeat(column)).join('  ');
  return [...lines(heading), rule, ...rows.flatMap(lines)].join('\n');
}

/** `text` with the spaces that fill `width` columns of a terminal. */
export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? spaces + text : text + spaces;
}

/** Columns of the widest line of a text. */
function widestLine(text: string): number {
  return Math.max(...text.split('\n').map((line) => stringWidth(line)));
}

/** Lines of at most `width` columns, broken between words where that is possible. */
function broken(text: string, width: number): readonly string[] {
  return wrapAnsi(text, width, { hard: true }).split('\n');
}
