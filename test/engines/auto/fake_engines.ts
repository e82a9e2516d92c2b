/** Engines that take as long as they are told to, and count what is done with them. */
import { LowformerError } from '../../../core/errors.js';
import { type Tensor, tensor } from '../../../core/tensor.js';
import { defineEngine, type EngineDefinition, type Installed } from '../../../engines/define_engine.js';
import { graphBuilder } from '../../../graph/builder.js';
import type { Network } from '../../../graph/graph.js';

export interface FakeEngine {
  readonly definition: EngineDefinition;
  /** What happened to it, in order: `open`, `run`, `close`. */
  readonly events: readonly string[];
  readonly opened: () => number;
  /** Opened and not closed. */
  readonly left: () => number;
}

export interface FakeOptions {
  /** Milliseconds of a run. */
  readonly delay?: number;
  readonly as?: 'contestant' | 'last resort';
  readonly installed?: Installed;
  readonly precisions?: EngineDefinition['options']['precisions'];
  readonly fastMath?: boolean;
  readonly devices?: readonly string[];
  /** Thrown by opening; by each run. */
  readonly failsToOpen?: () => Error | undefined;
  readonly failsToRun?: () => Error | undefined;
}

export function fakeEngine(name: string, options: FakeOptions = {}): FakeEngine {
  const { delay = 1, as = 'contestant', installed = { version: '1' }, precisions = ['float32'] } = options;
  const events: string[] = [];
  const count = (event: string) => events.filter((one) => one === event).length;
  const definition = defineEngine({
    name,
    title: name,
    devices: options.devices ?? ['cpu'],
    options: { precisions, fastMath: options.fastMath ?? false },
    auto: { as, installed: async () => installed },
    runs: 'networks',
    load:
      async () =>
      async (_, { device }) => {
        const refusal = options.failsToOpen?.();
        if (refusal !== undefined) throw refusal;
        events.push('open');
        return {
          device,
          async run(inputs, { signal } = {}) {
            signal?.throwIfAborted();
            events.push('run');
            const failure = options.failsToRun?.();
            if (failure !== undefined) throw failure;
            await new Promise((resolve) => setTimeout(resolve, delay));
            return { output: inputs.input ?? tensor([0], new Float32Array()) };
          },
          async [Symbol.asyncDispose]() {
            events.push('close');
          },
        };
      },
  });
  return { definition, events, opened: () => count('open'), left: () => count('open') - count('close') };
}

export function engineFailure(where: string): LowformerError {
  return new LowformerError({ code: 'engine-failure', where, expected: 'a network that it can run' });
}

/** One ReLU, and what it runs on. */
export function tinyNetwork(channels = 3): { readonly network: Network; readonly input: Tensor } {
  const g = graphBuilder();
  const input = g.input('input', channels);
  const graph = g.finish([{ name: 'output', value: g.relu(input) }]);
  const network = { graph, parameters: () => tensor([0], new Float32Array()) };
  return { network, input: tensor([1, channels, 1, 2], new Float32Array(2 * channels)) };
}
