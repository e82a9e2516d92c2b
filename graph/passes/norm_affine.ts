import type { GraphNode, ParameterSource } from '../graph.js';
import { parameterOf } from './parameter_of.js';

/** What a batch norm does to a channel: x * gain + shift, gain = gamma / sqrt(variance + epsilon), shift = beta - mean * gain. */
export interface Affine {
  readonly gain: Float64Array;
  readonly shift: Float64Array;
}

/** A batch norm in evaluation mode as one gain and one shift for each channel. */
export function normAffine(norm: GraphNode<'batchNorm'>, read: ParameterSource): Affine {
  const [gamma, beta, mean, variance] = (['weight', 'bias', 'running_mean', 'running_var'] as const).map(
    (role) => read(parameterOf(norm, role)).data,
  );
  const gain = Float64Array.from(gamma ?? [], (g, i) => g / Math.sqrt((variance?.[i] ?? 0) + norm.attributes.epsilon));
  return { gain, shift: gain.map((g, i) => (beta?.[i] ?? 0) - (mean?.[i] ?? 0) * g) };
}
