import { tensor } from '../../core/tensor.js';
import { createEngine } from '../../engines/index.js';
import { graphBuilder } from '../../graph/builder.js';
import { type EngineSettings, engineOptions } from './engine_settings.js';

/**
 * Opens a network of one operation on each device: what is not there is known before anything is measured.
 * @throws {LowformerError} `unavailable-device`, or whatever else the engine throws.
 */
export async function checkDevices(
  settings: EngineSettings,
  devices: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const g = graphBuilder();
  const input = g.input('input', 1);
  const graph = g.finish([{ name: 'output', value: g.relu(input) }]);
  const network = { graph, parameters: () => tensor([0], new Float32Array()) };
  for (const device of devices) {
    const opened = await createEngine(settings.engine, network, engineOptions(settings, device, signal));
    await opened[Symbol.asyncDispose]();
  }
}
