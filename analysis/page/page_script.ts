/**
 * The one script of a report: long tables are folded, heads sort, pictures grow. Without it everything is there, in full.
 * Plain text, since it stands in the page and its hash in the page's policy.
 */
export const PAGE_SCRIPT = `
'use strict';
for (const table of document.querySelectorAll('table.long')) {
  const rows = table.tBodies[0].rows.length;
  const button = document.createElement('button');
  button.type = 'button';
  const fold = (folded) => {
    table.classList.toggle('folded', folded);
    button.setAttribute('aria-expanded', String(!folded));
    button.textContent = folded ? 'Show all ' + rows.toLocaleString('en') + ' rows' : 'Show the first 15 rows';
  };
  button.addEventListener('click', () => fold(!table.classList.contains('folded')));
  table.parentElement.after(button);
  fold(true);
}
const valueOf = (row, column) => {
  const text = (row.cells[column].textContent || '').trim();
  const number = Number(text.replace('−', '-').replace(/[, %+]/g, ''));
  return text === '–' || text === '' ? null : Number.isNaN(number) ? text : number;
};
for (const table of document.querySelectorAll('table.sortable')) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') !== 'descending';
      for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const rows = [...table.tBodies[0].rows].map((row) => ({ row, value: valueOf(row, column) }));
      rows.sort((a, b) => {
        if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
        if (typeof a.value !== typeof b.value) return typeof a.value === 'number' ? -1 : 1;
        const order = typeof a.value === 'number' ? a.value - b.value : a.value.localeCompare(b.value);
        return typeof a.value === 'number' ? (down ? -order : order) : (down ? order : -order);
      });
      table.tBodies[0].append(...rows.map(({ row }) => row));
    });
  });
}
for (const figure of document.querySelectorAll('.pictures figure, .pairs figure')) {
  figure.addEventListener('click', () => figure.classList.toggle('large'));
}
`;
