import type { AnyNode, Graph, GraphNode } from '../graph.js';
import type { ConvAttributes } from '../operations/convolution.js';
import type { Value } from '../value.js';

/** A level of a feature pyramid, `lateral(narrow) + nearest(coarse)`, the enlargement by exactly 2. */
export interface PyramidSum {
  readonly lateral: GraphNode<'conv'>;
  readonly narrow: Value;
  readonly coarse: Value;
}

/** Which values of a graph are levels of a pyramid; undefined for others. */
export function pyramidSums({ nodes }: Graph): (value: Value | undefined) => PyramidSum | undefined {
  const producers = new Map<number, AnyNode>(nodes.map((node) => [node.output.id, node]));
  return (value) => {
    const sum = producers.get(value?.id ?? -1);
    if (sum?.operation !== 'add') return undefined;
    const terms = sum.inputs.map(({ id }) => producers.get(id));
    const lateral = terms.find((term) => term?.operation === 'conv');
    const enlarged = terms.find((term) => term?.operation === 'resizeNearest');
    const [narrow, coarse] = [lateral?.inputs[0], enlarged?.inputs[0]];
    if (lateral?.operation !== 'conv' || lateral.attributes.kernel !== 1 || !keepsSize(lateral.attributes)) {
      return undefined;
    }
    if (enlarged?.operation !== 'resizeNearest' || enlarged.attributes.factor !== 2) return undefined;
    return narrow === undefined || coarse === undefined ? undefined : { lateral, narrow, coarse };
  };
}

/** Of one group, of odd kernel, and with a result as large as its input. */
export function keepsSize({ kernel, stride, pad, groups, dilation = 1 }: ConvAttributes): boolean {
  return kernel % 2 === 1 && stride === 1 && pad === kernel >> 1 && groups === 1 && dilation === 1;
}
