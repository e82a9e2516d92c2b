import type { DeltaRule } from '../geometry/box_coder.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { arithmetic } from './arithmetic.js';

/**
 * Boxes that deltas lead to from anchors, as the coder's `decode` has them without limits, written as a graph: losses of
 * overlap flow back through it. All [N, G * 4, H, W]; x1, y1, x2, y2 of anchors and result in pixels.
 */
export function decodedBoxes(g: GraphBuilder, rule: DeltaRule, anchors: Value, deltas: Value): Value {
  const { add, subtract, multiply, scale, affine, exp, channel } = arithmetic(g);
  const corners = [0, 1].flatMap((axis) => {
    const [from, to] = [channel(anchors, 4, axis), channel(anchors, 4, axis + 2)];
    const size = subtract(to, from);
    const delta = (at: number) => affine(channel(deltas, 4, at), rule.stds[at] ?? 1, rule.means[at] ?? 0);
    const moved = multiply(size, delta(axis));
    const { largestShift } = rule;
    const shift =
      largestShift === undefined ? moved : g.emit('clip', [moved], { min: -largestShift, max: largestShift });
    const centre = add(scale(add(from, to), 0.5), shift);
    const half = scale(multiply(size, exp(g.emit('clip', [delta(axis + 2)], rule.sizes))), 0.5);
    return [
      { index: axis, value: subtract(centre, half) },
      { index: axis + 2, value: add(centre, half) },
    ];
  });
  return corners
    .map(({ index, value }) => g.emit('placeInGroups', [value], { size: 4, index }))
    .reduce((sum, corner) => add(sum, corner));
}
