/**
 * The gradient of a network is a network too: every operation has a rule that says how the gradients of its inputs and
 * parameters follow from that of its result, in operations of the same table, and a pass goes through the graph from its
 * results to its inputs. So training runs on every engine that inference runs on.
 *
 * Parameters that get a gradient become inputs of the graph (`Parameter.fed`): weights change from one run to the next
 * without a new session. Frozen ones stay with the network. What neither a wanted parameter nor a wanted input depends on
 * costs nothing: gradients are made when they are asked for.
 */
import { LowformerError } from '../../core/errors.js';
import type { AnyNode, GraphInput, GraphNode, NamedValue, Network } from '../graph.js';
import type { OperationName } from '../operations/index.js';
import type { Pass } from '../passes/pass.js';
import type { Parameter, Value } from '../value.js';
import { type Added, addingTo } from './emitting.js';
import { FIRST_ORDER_ONLY, type NodeGradients, type RuleEntry } from './rule.js';
import { gradientRules } from './rules/index.js';

export interface DifferentiateOptions {
  /** The outputs whose gradients are taken, such as losses; their gradients add up. */
  readonly of: readonly string[];
  /**
   * `ones` (the default): every element of those outputs counts once, as the sum of losses does. `inputs`: the gradient of
   * each output `y` is an input `gradient.y` of the network.
   */
  readonly from?: 'ones' | 'inputs';
  /** Which parameters get a gradient, as far as the outputs depend on them; by default all but running statistics. */
  readonly trained?: (parameter: Parameter) => boolean;
  /** Inputs that get a gradient as well. */
  readonly inputs?: readonly string[];
}

/** What an output with the gradient of a parameter, an input or an output is called. */
export function gradientName(name: string): string {
  return `gradient.${name}`;
}

/**
 * Adds to the outputs of a network `gradient.<parameter>` in the parameter's shape, summed over all its uses, and
 * `gradient.<input>`.
 * @throws {LowformerError} `invalid-argument` for an output or input that the network does not have, or an input that the
 *   outputs do not depend on; `invalid-graph` for an operation that has no gradient.
 */
export function differentiate(options: DifferentiateOptions): Pass {
  return { name: 'differentiate', apply: (network) => differentiated(network, options) };
}

function differentiated(network: Network, options: DifferentiateOptions): Network {
  const { graph } = network;
  const { of, from = 'ones', trained = ({ kind }) => kind === 'parameter', inputs: wantedInputs = [] } = options;
  const wanted = new Set([...graph.parameters.values()].filter(trained).map(({ name }) => name));
  const added = addingTo(graph);
  const sums = gradientSums(added);
  const seeds: GraphInput[] = [];

  const sources = wantedInputs.map((name) => named(graph.inputs, name, 'input'));
  const varying = varyingValues(graph.nodes, new Set(sources.map(({ value }) => value.id)), wanted);
  for (const { name, value } of of.map((output) => named(graph.outputs, output, 'output'))) {
    if (from === 'ones') sums.add(value.id, () => added.emit(gradientName(name), 'onesLike', [value], {}));
    else {
      const { id: _, ...form } = value;
      const seed = added.value(form);
      seeds.push({ name: gradientName(name), value: seed });
      sums.add(value.id, () => seed);
    }
  }

  const ofParameters = new Map<string, Value[]>();
  for (const node of graph.nodes.toReversed()) {
    if (!varying.has(node.output.id)) continue;
    const gradient = sums.take(node.output.id, node.scope);
    if (gradient === undefined) continue;
    const gradients = gradientsOf(node, gradient, added);
    node.inputs.forEach((input, i) => {
      const make = gradients.inputs[i];
      if (make !== undefined && varying.has(input.id)) sums.add(input.id, make);
    });
    for (const [role, name] of Object.entries(node.parameters)) {
      const make = gradients.parameters?.[role];
      if (make === undefined || !wanted.has(name)) continue;
      const known = ofParameters.get(name) ?? [];
      ofParameters.set(name, known);
      known.push(make());
    }
  }

  const outputs: NamedValue[] = [...graph.outputs];
  for (const { name, value } of sources) {
    const gradient = sums.take(value.id, name);
    if (gradient === undefined) throw unreached(name, of);
    outputs.push({ name: gradientName(name), value: gradient });
  }
  const parameters = new Map<string, Parameter>();
  for (const [name, parameter] of graph.parameters) {
    const all = ofParameters.get(name);
    parameters.set(name, all === undefined ? parameter : { ...parameter, fed: true });
    if (all !== undefined) outputs.push({ name: gradientName(name), value: sumOf(added, name, all) });
  }
  const nodes = [...graph.nodes, ...added.nodes];
  const inputs = [...graph.inputs, ...seeds];
  return { graph: { inputs, outputs, nodes, parameters }, parameters: network.parameters };
}

/** The values that change with a wanted input or parameter. */
function varyingValues(
  nodes: readonly AnyNode[],
  inputs: ReadonlySet<number>,
  parameters: ReadonlySet<string>,
): ReadonlySet<number> {
  const varying = new Set(inputs);
  for (const node of nodes) {
    const varies =
      node.inputs.some(({ id }) => varying.has(id)) ||
      Object.values(node.parameters).some((name) => parameters.has(name));
    if (varies) varying.add(node.output.id);
  }
  return varying;
}

interface GradientSums {
  add(id: number, make: () => Value): void;
  /** The sum of what was added, once; undefined where nothing was. */
  take(id: number, scope: string): Value | undefined;
}

function gradientSums(added: Added): GradientSums {
  const parts = new Map<number, Value[]>();
  return {
    add(id, make) {
      const known = parts.get(id) ?? [];
      parts.set(id, known);
      known.push(make());
    },
    take(id, scope) {
      const known = parts.get(id);
      return known === undefined ? undefined : sumOf(added, scope, known);
    },
  };
}

function sumOf(added: Added, scope: string, [first, ...others]: readonly Value[]): Value {
  if (first === undefined) throw new RangeError(`${scope}: nothing to sum`);
  return others.reduce((sum, other) => added.emit(gradientName(scope), 'add', [sum, other], {}), first);
}

function gradientsOf<Name extends OperationName>(
  node: GraphNode<Name> | AnyNode,
  gradient: Value,
  added: Added,
): NodeGradients {
  const typed = node as GraphNode<Name>;
  const { operation, attributes, inputs, parameters, scope } = typed;
  const rule: RuleEntry<Name> = gradientRules[operation];
  if (rule === FIRST_ORDER_ONLY) {
    const where = `${operation} in '${scope}'`;
    const hint = 'It belongs to a gradient, or to statistics of a batch.';
    throw new LowformerError({ code: 'invalid-graph', where, expected: 'an operation that has a gradient', hint });
  }
  return rule({
    node: typed,
    inputs,
    attributes,
    gradient,
    emit: (name, sources, itsAttributes, itsParameters) =>
      added.emit(gradientName(scope), name, sources, itsAttributes, itsParameters),
    parameters: (...roles) => Object.fromEntries(roles.map((role) => [role, parameters[role] ?? ''])),
  });
}

function named<T extends NamedValue>(values: readonly T[], name: string, kind: 'input' | 'output'): T {
  const found = values.find((value) => value.name === name);
  if (found !== undefined) return found;
  const expected = `one of the ${kind}s ${values.map((value) => value.name).join(', ')}`;
  throw new LowformerError({ code: 'invalid-argument', where: 'differentiate', expected, received: name });
}

function unreached(name: string, of: readonly string[]): LowformerError {
  const expected = `an input that ${of.join(', ')} ${of.length === 1 ? 'depends' : 'depend'} on`;
  return new LowformerError({ code: 'invalid-argument', where: 'differentiate', expected, received: name });
}
