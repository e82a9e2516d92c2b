import { LowformerError, nearestName } from '../core/errors.js';
import { elements, type Tensors } from '../core/tensor.js';

/** An input of the network: free extents carry a name. */
export interface Port {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/**
 * Holds what a caller gives against what the network takes: names, ranks, fixed extents, lengths.
 * @throws {LowformerError} `invalid-argument`, naming the input.
 */
export function checkInputs(inputs: Tensors, ports: readonly Port[]): void {
  const names = ports.map(({ name }) => name);
  for (const name of Object.keys(inputs)) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    const hint = near === undefined ? undefined : `Did you mean ${near}?`;
    throw invalid(`inputs.${name}`, `one of the network's inputs (${names.join(', ')})`, name, hint);
  }
  for (const { name, shape: declared } of ports) {
    const where = `inputs.${name}`;
    const tensor = inputs[name];
    if (tensor === undefined) throw invalid(where, `a tensor ${show(declared)}`, Object.keys(inputs));
    const { shape, data } = tensor;
    const fits =
      shape.length === declared.length &&
      shape.every((extent, i) => isExtent(extent) && (typeof declared[i] === 'string' || extent === declared[i]));
    if (!fits) throw invalid(where, `a shape ${show(declared)}, each extent a positive integer`, shape);
    if (!(data instanceof Float32Array)) throw invalid(where, 'a Float32Array', typeof data);
    if (data.length !== elements(shape)) {
      throw invalid(where, `${elements(shape)} elements for shape ${show(shape)}`, data.length);
    }
  }
}

function isExtent(extent: number): boolean {
  return Number.isSafeInteger(extent) && extent > 0;
}

function show(shape: readonly (number | string)[]): string {
  return `[${shape.join(', ')}]`;
}

function invalid(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  return new LowformerError({
    code: 'invalid-argument',
    where,
    expected,
    received,
    ...(hint === undefined ? {} : { hint }),
  });
}
