import { escapeHtml } from './html.js';

/** Four digits, a dash where there is nothing to measure. */
export function number(value: number | null): string {
  return value === null ? '–' : value.toFixed(4);
}

/** The same with its sign. */
export function signed(value: number | null): string {
  return value === null ? '–' : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}

export function percent(value: number): string {
  return `${(value * 100).toFixed(2)} %`;
}

/** Cells of words stand to the left, numbers to the right. */
const WORDS = /[a-z]{2}/i;

/** Rows that a long table shows before it is unfolded; see `page`. */
const SHOWN_ROWS = 15;

export interface TableOptions {
  /** A click on a head sorts; false where the order itself says something. */
  readonly sortable?: boolean;
}

/** A table with a caption; the first cell of each row is its head. Long ones are folded, their first rows shown. */
export function htmlTable(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { sortable = rows.length > 3 }: TableOptions = {},
): string {
  const aligned = heads.map((_, column) => (rows.some((row) => WORDS.test(row[column] ?? '')) ? ' class="words"' : ''));
  const head = heads.map((name, i) => `<th scope="col"${aligned[i]}>${escapeHtml(name)}</th>`).join('');
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((cell, i) => `<td${aligned[i + 1]}>${escapeHtml(cell)}</td>`).join('');
    return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`;
  });
  const classes = [...(sortable ? ['sortable'] : []), ...(rows.length > SHOWN_ROWS + 5 ? ['long'] : [])];
  return framed(caption, `<thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody>`, classes);
}

/** Counts of a confusion matrix, tinted by their share of the row. */
export function matrixTable(
  caption: string,
  names: { readonly rows: readonly string[]; readonly columns: readonly string[] },
  counts: readonly (readonly number[])[],
): string {
  const head = names.columns.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const body = counts.map((row, i) => {
    const sum = row.reduce((total, count) => total + count, 0);
    const cells = row.map((count) => {
      const part = sum === 0 ? 0 : (0.55 * count) / sum;
      const style = part < 0.005 ? '' : ` style="--part:${part.toFixed(2)}"`;
      return `<td${style}>${count.toLocaleString('en')}</td>`;
    });
    return `<tr><th scope="row">${escapeHtml(names.rows[i] ?? '')}</th>${cells.join('')}</tr>`;
  });
  return framed(
    caption,
    `<thead><tr><th scope="col">is / taken for</th>${head}</tr></thead><tbody>${body.join('')}</tbody>`,
    [],
  );
}

/** Wide tables scroll by themselves, with the keyboard too. */
function framed(caption: string, inner: string, classes: readonly string[]): string {
  const label = escapeHtml(caption);
  const marked = classes.length === 0 ? '' : ` class="${classes.join(' ')}"`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table${marked}><caption>${label}</caption>${inner}</table></div>`;
}
