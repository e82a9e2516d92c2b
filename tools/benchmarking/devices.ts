import { tensor } from '../../core/tensor.js';
import { createEngine } from '../../engines/index.js';
import { graphBuilder } from '../../graph/builder.js';
import { writeOnnx } from '../../graph/onnx/write.js';

/**
 * Opens a network of one operation on each device: what is not there is known before anything is measured.
 * @throws {LowformerError} `unavailable-device`, or whatever else the engine throws.
 */
export async function checkDevices(engine: string, devices: readonly string[], signal?: AbortSignal): Promise<void> {
  const g = graphBuilder();
  const input = g.input('input', 1);
  const graph = g.finish([{ name: 'output', value: g.relu(input) }]);
  const model = writeOnnx({ graph, parameters: () => tensor([0], new Float32Array()) });
  for (const device of devices) {
    const opened = await createEngine(engine, model, { device, ...(signal === undefined ? {} : { signal }) });
    await opened[Symbol.asyncDispose]();
  }
}
