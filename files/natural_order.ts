/**
 * For sorting names as people number them: runs of digits by their value, everything else by code units. `frame_2.png`
 * comes before `frame_10.png`.
 */
export function naturalOrder(a: string, b: string): number {
  const [as, bs] = [a.split(DIGITS), b.split(DIGITS)];
  for (let i = 0; i < Math.min(as.length, bs.length); i++) {
    const [one = '', other = ''] = [as[i], bs[i]];
    // Every second part is digits.
    const order = i % 2 === 1 ? byValue(one, other) : byUnits(one, other);
    if (order !== 0) return order;
  }
  return as.length - bs.length || byUnits(a, b);
}

const DIGITS = /(\d+)/;

function byValue(a: string, b: string): number {
  const [one, other] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return one.length - other.length || byUnits(one, other);
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
