const MARK = '\u0000exact:';
const MARKED = /"\\u0000exact:(-?\d+)"/g;

/** As `JSON.stringify`, on one line, with bigints as the whole numbers that they are. */
export function exactJson(value: unknown): string {
  let found = false;
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== 'bigint') return item;
    found = true;
    return `${MARK}${item}`;
  });
  return found ? text.replace(MARKED, '$1') : text;
}
