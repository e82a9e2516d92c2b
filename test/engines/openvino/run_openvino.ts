/** Runs a graph in OpenVINO in this process: the numbers alone, without the engine's thread. */
import type { Tensors } from '../../../core/tensor.js';
import { openvinoSession } from '../../../engines/openvino/session.js';
import type { Network } from '../../../graph/graph.js';
import { onnxBytes } from '../../run_network.js';
import { LIBRARY } from './openvino_here.js';

/** One run, after which nothing is held. */
export async function runOpenvino(network: Network, inputs: Tensors): Promise<Tensors> {
  const { answer } = openvinoSession();
  try {
    await answer({ kind: 'open', library: LIBRARY ?? '' });
    const source = Uint8Array.from(onnxBytes(network));
    await answer({ kind: 'load', source, settings: { threads: 2, precision: 'float32' } });
    const given = await answer({ kind: 'run', inputs });
    return given.kind === 'outputs' ? given.outputs : {};
  } finally {
    await answer({ kind: 'release' });
  }
}
