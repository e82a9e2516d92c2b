import { LowformerError } from '../../core/errors.js';
import type { AnyNode, GraphNode, Network } from '../graph.js';
import type { Value } from '../value.js';
import { firstUnusedId } from './fresh_values.js';
import type { Pass } from './pass.js';

/** What decoding reads of a dense head: a bounded number of priors a level, by their class scores. */
export interface CandidateRows {
  /** Priors at one position. */
  readonly priors: number;
  /** Of a level: `nms_pre`. */
  readonly most: number;
  /** Levels of the maps `cls<i>` and `reg<i>`. */
  readonly levels: number;
  /** The map of what each prior's scores are multiplied by: `centerness` for `centerness0` and on. With one prior alone. */
  readonly factors?: string;
}

/** The output of a network that gives its candidates out instead of its maps. */
export const ROWS = 'rows';

/**
 * A dense detector gives out the rows that decoding can need, in place of its maps: of each level the `most` priors with the best
 * class scores, all classes of these, and what is said of their boxes: [N, 1 + classes + 4, rows, 1], with factors one more, the levels'
 * behind one another. Among their scores are the `most` best ones of the level; of scores that a sigmoid rounds to the same number the
 * larger logits. Where only what decoding reads crosses
 * from a device to the processor, that is a thirteenth of the maps for RetinaNet of 80 classes at 512x512.
 * @throws {LowformerError} `invalid-graph` from `apply` without one of the maps.
 */
export function topCandidates({ priors, most, levels, factors }: CandidateRows): Pass {
  return { name: `top-candidates of ${most}`, apply };

  function apply(network: Network): Network {
    const { graph } = network;
    let nextId = firstUnusedId(graph);
    const nodes: AnyNode[] = [...graph.nodes];
    const output = (name: string): Value => {
      const found = graph.outputs.find((one) => one.name === name);
      if (found !== undefined) return found.value;
      const received = graph.outputs.map((one) => one.name).join(', ');
      throw new LowformerError({ code: 'invalid-graph', where: 'graph', expected: `an output '${name}'`, received });
    };
    const map = (channels: number): Value => ({ id: nextId++, kind: 'map', channels });
    const made = { parameters: {}, scope: ROWS } as const;
    const rowsOf = (level: number): Value => {
      const scores = output(`cls${level}`);
      let says = output(`reg${level}`);
      if (factors !== undefined) {
        const inputs = [says, output(`${factors}${level}`)];
        says = map(says.channels + 1);
        nodes.push({ ...made, operation: 'concatenate', attributes: {}, inputs, output: says });
      }
      const rows: GraphNode<'topRows'> = {
        ...made,
        operation: 'topRows',
        attributes: { priors, most },
        inputs: [scores, says],
        output: map(1 + (scores.channels + says.channels) / priors),
      };
      nodes.push(rows);
      return rows.output;
    };
    const value = Array.from({ length: levels }, (_, i) => rowsOf(i)).reduce((before, rows) => {
      const joined = map(rows.channels);
      nodes.push({ ...made, operation: 'joinRows', attributes: {}, inputs: [before, rows], output: joined });
      return joined;
    });
    return { ...network, graph: { ...graph, nodes, outputs: [{ name: ROWS, value }] } };
  }
}
