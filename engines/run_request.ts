import type { Tensor, Tensors } from '../core/tensor.js';
import { checkInputs, type Port } from './network_inputs.js';
import { buffersOf } from './thread/answers.js';
import type { PreparedRequest } from './thread/worker_calls.js';

/**
 * A run, as it is asked of the thread that holds a network. Inputs are copied, so that the caller's arrays stay the
 * caller's. ONNX Runtime takes no memory that threads share.
 * @param taken their memory goes to the thread as it is, where it holds nothing else.
 * @throws {LowformerError} `invalid-argument` for inputs that are not the network's.
 */
export function runRequest(
  tensors: Tensors,
  ports: readonly Port[],
  taken: boolean,
): PreparedRequest<{ readonly kind: 'run'; readonly inputs: Tensors }> {
  checkInputs(tensors, ports);
  const own = ({ shape, data }: Tensor): Tensor => ({ shape, data: taken && fillsBuffer(data) ? data : data.slice() });
  const inputs = Object.fromEntries(Object.entries(tensors).map(([name, given]) => [name, own(given)]));
  return { request: { kind: 'run', inputs }, transfer: buffersOf(inputs) };
}

function fillsBuffer({ buffer, byteLength }: Float32Array): boolean {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
}
