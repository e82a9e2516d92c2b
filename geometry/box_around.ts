/**
 * The smallest upright box around points, COCO's form of it.
 * @param coordinates x1, y1, x2, y2, …; at least one point.
 */
export function boxAround(coordinates: readonly number[]): [x: number, y: number, width: number, height: number] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < coordinates.length; i += 2) {
    const [x = 0, y = 0] = [coordinates[i], coordinates[i + 1]];
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return [left, top, right - left, bottom - top];
}
