/** Gradients that TensorFlow.js finds by itself from the kernel of the operation: a second opinion on the written ones. */
import { LowformerError } from '../../../../core/errors.js';
import type { GraphNode } from '../../../../graph/graph.js';
import type { OperationAttributes, OperationName } from '../../../../graph/operations/index.js';
import type { Value } from '../../../../graph/value.js';
import type { KernelContext, TensorFlow, TfjsKernel, TfTensor } from '../../kernel.js';
import { registerGradients } from './primitives.js';

/** What the kernel of a gradient is made with, whichever operation it is for. */
interface Context<Attributes> {
  readonly tf: TensorFlow;
  readonly attributes: Attributes;
  readonly node: {
    readonly inputs: readonly Value[];
    readonly parameters: Readonly<Record<string, string>>;
    readonly scope: string;
  };
  readonly parameter: (role: string) => TfTensor;
  readonly keep: <T extends TfTensor>(make: () => T) => T;
}

/**
 * The gradient of an input, by its place, or of a parameter, by its role. The inputs are the operation's own and the
 * gradient of its result.
 */
export const derived =
  <Name extends OperationName>(name: Name, kernel: TfjsKernel<Name>, by: number | string) =>
  (context: Context<OperationAttributes[Name]>): ((inputs: readonly TfTensor[]) => TfTensor) => {
    const { tf, attributes, node, parameter, keep } = context;
    registerGradients(tf);
    const gradientValue = present(node.inputs.at(-1), name);
    const channels = node.inputs[0]?.channels ?? 0;
    const held = new Map(
      Object.keys(node.parameters).map((role) => [role, keep(() => tf.clone(parameter(role)))] as const),
    );
    // A parameter that the gradient's node does not have has no part in the gradient: any values will do.
    const weightOf = (role: string): TfTensor => held.get(role) ?? tf.zeros([channels]);
    const operation: GraphNode<Name> = {
      operation: name,
      attributes,
      inputs: node.inputs.slice(0, -1),
      output: gradientValue,
      parameters: {},
      scope: node.scope,
    };
    const run = (sources: readonly TfTensor[], values: (role: string) => TfTensor): TfTensor => {
      const made: KernelContext<Name> = { tf, attributes, node: operation, parameter: values, keep: (make) => make() };
      return kernel(made)(sources);
    };
    return (inputs) => {
      const sources = inputs.slice(0, -1);
      const gradient = present(inputs.at(-1), name);
      if (typeof by === 'string') {
        return tf.grad((varied) => run(sources, (role) => (role === by ? varied : weightOf(role))))(
          weightOf(by),
          gradient,
        );
      }
      const place = (varied: TfTensor) => sources.map((source, i) => (i === by ? varied : source));
      return tf.grad((varied) => run(place(varied), weightOf))(present(sources[by], name), gradient);
    };
  };

function present<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  const expected = `the inputs of ${name} and the gradient of its result`;
  throw new LowformerError({ code: 'engine-failure', where: 'tfjs', expected });
}
