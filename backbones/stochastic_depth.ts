/** Stochastic depth (Huang et al., arXiv 1603.09382) of backbones whose residual branches are modules called `main`. */
import type { MaskSite } from '../graph/gradients/masks.js';
import type { Graph } from '../graph/graph.js';

/** Backbones of which `drop_path_rate` leaves out branches. */
export const DROPS_PATHS: ReadonlySet<string> = new Set(['LowFormer', 'CPUBone']);

/** A branch, up to its own name. */
const BRANCH = /^.*?\.main(?=\.|$)/;

/**
 * The branches beside an identity, first to last, left out the more often the later they are: the official LowFormer code's
 * `apply_droppath`, without the schedule that lets the rates rise over a run.
 * @param rate of the last one: from 0 to below 1.
 */
export function stochasticDepth({ nodes }: Graph, rate: number): readonly MaskSite[] {
  const producers = new Map(nodes.map(({ output, scope }) => [output.id, scope]));
  const branches = nodes.flatMap(({ operation, inputs: [branch], scope }) => {
    const module =
      operation === 'add' && branch !== undefined ? BRANCH.exec(producers.get(branch.id) ?? '')?.[0] : undefined;
    return module === undefined || scope.startsWith(module) || !module.startsWith('backbone.') ? [] : [module];
  });
  return branches.map((module, i) => ({
    module,
    at: 'output',
    of: 'picture',
    rate: (rate * (i + 1)) / branches.length,
  }));
}
