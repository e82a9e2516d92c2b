/** The same networks in PyTorch, in turn with ours: what somebody with this card and a Python would take instead. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { elements, type Tensor, type Tensors, tensor } from '../../../core/tensor.js';
import type { Engine } from '../../../engines/index.js';
import { reasonOf } from '../../../engines/reason.js';
import type { Network } from '../../../graph/graph.js';
import { median, quantile } from '../../../measuring/timing/statistics.js';
import { deploy } from '../../../tasks/deploy.js';
import { formulaInput } from '../../../test/formula_weights.js';
import { formulaNetwork, relativeError } from '../../../test/run_network.js';
import { openFormula, openNamed } from '../networks.js';
import { NotHere } from '../not_here.js';
import type { StepContext } from '../steps.js';
import { alternate } from './alternate.js';
import { startTorch, type TorchSide } from './side.js';
import { torchSource } from './source.js';

const PROGRAM = fileURLToPath(new URL('./torch_side.py', import.meta.url));

/** A way of running a network there. */
interface Mode {
  readonly title: string;
  readonly precision: 'float32' | 'tf32' | 'float16';
  readonly channels_last: boolean;
  readonly compile: boolean;
  readonly graph: boolean;
}

const PLAIN = { channels_last: false, compile: false, graph: false } as const;
export const MODES: readonly Mode[] = [
  { ...PLAIN, title: 'float32', precision: 'float32' },
  { ...PLAIN, title: 'float32 with TF32', precision: 'tf32' },
  { ...PLAIN, title: 'float16', precision: 'float16' },
  { ...PLAIN, title: 'float16, channels last', precision: 'float16', channels_last: true },
  { ...PLAIN, title: 'float32, CUDA graph', precision: 'float32', graph: true },
  { ...PLAIN, title: 'float16, CUDA graph', precision: 'float16', graph: true },
  { ...PLAIN, title: 'float16, torch.compile', precision: 'float16', compile: true },
];

/** The largest difference from ours on the processor, as a share of an output's largest value. */
const BOUNDS = { float32: 1e-4, tf32: 2.5e-2, float16: 2.5e-2 } as const;

interface Form {
  readonly networks: readonly { readonly name: string; readonly side: number }[];
  readonly batches: readonly number[];
  readonly rounds: number;
  /** Seconds that torch.compile may take for a network. */
  readonly compiling: number;
}

const at = (side: number) => (name: string) => ({ name, side });
const WHOLE: Form = {
  networks: [
    ...['lowformer-b0_in1k', 'lowformer-b1_in1k', 'mobileone-s2_in1k', 'efficientvit-b1_in1k', 'lowformer-b3_in1k'].map(
      at(224),
    ),
    ...['retinanet_lowformer-b0_fpn_1x_coco', 'sem-fpn_lowformer-b0_40k_ade20k-512x512'].map(at(512)),
  ],
  batches: [1, 32],
  rounds: 15,
  compiling: 30,
};
const SHORT: Form = {
  networks: ['tiny classifier', 'tiny detector', 'tiny segmentor'].map(at(64)),
  batches: [1, 2],
  rounds: 3,
  compiling: 30,
};

const described = z.strictObject({
  torch: z.string(),
  cuda: z.string(),
  device: z.string(),
  here: z.array(z.string()),
});
const opened = z.strictObject({ seconds: z.number() });
const shapes = z.strictObject({ shapes: z.array(z.array(z.int())) });
const times = z.strictObject({ milliseconds: z.number(), network: z.number() });
/** Seconds for what is no compiling: CUDA's libraries are large, and are read when the first network is opened. */
const PATIENCE = 30;

export interface Beside {
  /** Ours. */
  readonly device: string;
  /** The first of these programs that has PyTorch. */
  readonly pythons: readonly string[];
  /** Theirs; `cuda` unless told otherwise. */
  readonly torchDevice?: string | undefined;
  /** Of the form's networks, those that are compared; all unless told otherwise. */
  readonly networks?: readonly string[];
}

/**
 * @throws {NotHere} where there is no Python with PyTorch and CUDA.
 * @throws the signal's reason.
 */
export async function besideTorch(
  { device, pythons, torchDevice = 'cuda', networks }: Beside,
  context: StepContext,
): Promise<void> {
  const { short, signal, emit } = context;
  const folder = await mkdtemp(join(tmpdir(), 'torch-'));
  const { python, about } = await pythonWithTorch(pythons, folder);
  const sides = { current: startTorch(python, PROGRAM, folder) };
  const side = () => {
    if (sides.current.ended) sides.current = startTorch(python, PROGRAM, folder);
    return sides.current;
  };
  using _ = { [Symbol.dispose]: () => sides.current[Symbol.dispose]() };
  if (!about.here.includes(torchDevice)) throw new NotHere(`PyTorch ${about.torch} is there, without ${torchDevice}`);
  emit({ torch: about.torch, cuda: about.cuda, device: about.device });
  const form = short ? SHORT : WHOLE;
  const chosen = form.networks.filter(({ name }) => networks?.includes(name) ?? true);
  // On a processor it is the numbers alone that are of interest.
  const modes = torchDevice === 'cuda' ? MODES : MODES.slice(0, 1);
  // What compiles comes last: it may take all the time that is left.
  for (const compile of [false, true]) {
    for (const { name, side: extent } of chosen) {
      const ours = await openOurs(name, extent, { device, signal });
      try {
        const written = await writeNetwork(ours.network, join(folder, name.replaceAll(' ', '_')));
        for (const mode of modes.filter((one) => one.compile === compile)) {
          signal.throwIfAborted();
          const { title, ...settings } = mode;
          const asked = { do: 'open', ...written.files, ...settings, device: torchDevice };
          try {
            await compared(
              { ...form, name, title, mode, asked, ours, outputs: written.outputs, side, extent },
              context,
            );
          } catch (error) {
            signal.throwIfAborted();
            emit({ network: name, torch: title, reason: `not available: ${reasonOf(error)}` });
          }
        }
      } finally {
        for (const engine of Object.values(ours.engines)) await engine[Symbol.asyncDispose]();
      }
    }
  }
}

async function pythonWithTorch(pythons: readonly string[], folder: string) {
  const said: string[] = [];
  for (const python of pythons) {
    using side = startTorch(python, PROGRAM, folder);
    try {
      return { python, about: await side.ask({ do: 'describe' }, described, 2 * PATIENCE) };
    } catch (error) {
      said.push(reasonOf(error));
    }
  }
  throw new NotHere(`no Python with PyTorch: ${said.join('; ')}`);
}

interface Ours {
  readonly network: Network;
  readonly engines: Readonly<Record<'float32' | 'float16', Engine>>;
  /** On the processor, in float32. */
  readonly reference: Tensors;
  readonly input: Tensor;
}

async function openOurs(
  name: string,
  extent: number,
  { device, signal }: { device: string; signal: AbortSignal },
): Promise<Ours> {
  const config = await openNamed(name);
  const { model } = config;
  const network = deploy(model, formulaNetwork(model.wholeGraph).parameters, {
    inputs: { kind: 'fixed', sizes: [{ width: extent, height: extent }] },
  });
  const shape = [1, 3, extent, extent];
  const input = tensor(shape, formulaInput(`input.${extent}x${extent}`, shape));
  const open = (where: string, precision: 'float32' | 'float16') =>
    openFormula(config, { device: where, precision, sides: [extent], signal });
  const processor = await open('cpu', 'float32');
  const reference = await processor.run({ input }, { signal });
  await processor[Symbol.asyncDispose]();
  return {
    network,
    input,
    reference,
    engines: { float32: await open(device, 'float32'), float16: await open(device, 'float16') },
  };
}

interface WrittenNetwork {
  readonly files: {
    readonly source: string;
    readonly weights: string;
    readonly shapes: readonly (readonly number[])[];
  };
  readonly outputs: readonly string[];
}

/** As torch_side.py reads them: the source, and the values of its weights one after the other. */
export async function writeNetwork({ graph, parameters }: Network, path: string): Promise<WrittenNetwork> {
  const { source, weights, outputs } = torchSource(graph);
  const files = { source: `${path}.py`, weights: `${path}.bin`, shapes: weights.map(({ shape }) => shape) };
  await writeFile(files.source, source);
  await writeFile(files.weights, Buffer.concat(weights.map(({ name }) => bytesOf(parameters(name).data))));
  return { files, outputs };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);

interface Comparison extends Form {
  readonly name: string;
  readonly title: string;
  readonly mode: Mode;
  readonly asked: { readonly do: string };
  readonly ours: Ours;
  readonly outputs: readonly string[];
  readonly side: () => TorchSide;
  readonly extent: number;
}

/** Its numbers first; what is not ours is not timed. */
async function compared(given: Comparison, { signal, emit }: StepContext): Promise<void> {
  const { name, title, mode, asked, ours, side, extent, batches, compiling } = given;
  const rounds = mode.compile ? Math.min(5, given.rounds) : given.rounds;
  const open = (batch: number) =>
    side().ask({ ...asked, input: [batch, 3, extent, extent] }, opened, mode.compile ? compiling : PATIENCE);
  const { seconds } = await open(1);
  const off = await furthest(given);
  const bound = BOUNDS[mode.precision];
  emit({ network: name, torch: title, off, bound, agrees: off < bound, 'seconds to open': seconds });
  if (!(off < bound)) return;
  const engine = ours.engines[mode.precision === 'float16' ? 'float16' : 'float32'];
  for (const batch of batches) {
    // A compiled network is compiled anew for another batch.
    if (batch !== 1 && mode.compile) break;
    if (batch !== 1) await open(batch);
    const shape = [batch, 3, extent, extent];
    const input = tensor(shape, formulaInput(`batch.${batch}`, shape));
    const alone: number[] = [];
    const [own = [], theirs = []] = await alternate(
      [
        async () => {
          const start = performance.now();
          await engine.run({ input }, { signal });
          return performance.now() - start;
        },
        async () => {
          const { milliseconds, network } = await side().ask({ do: 'run' }, times, PATIENCE);
          alone.push(network);
          return milliseconds;
        },
      ],
      { rounds: batch === 1 ? rounds : Math.min(5, rounds), warmUp: 2, signal },
    );
    emit({
      network: name,
      side: extent,
      batch,
      torch: title,
      'torch ms': median(theirs),
      'torch ms, on the device': median(alone.slice(2)),
      'ours ms': median(own),
      q25: quantile(own, 0.25),
      q75: quantile(own, 0.75),
      'ours / torch': median(own.map((time, i) => time / (theirs[i] ?? Number.NaN))),
    });
  }
}

async function furthest({ ours, outputs, asked, side, name }: Comparison): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'torch-tensors-'));
  const files = { input: join(folder, 'input.bin'), outputs: join(folder, 'outputs.bin') };
  await writeFile(files.input, bytesOf(ours.input.data));
  const found = await side().ask({ do: 'outputs', ...files }, shapes, PATIENCE);
  const values = new Float32Array(Uint8Array.from(await readFile(files.outputs)).buffer);
  let at = 0;
  return Math.max(
    ...outputs.map((output, i) => {
      const shape = found.shapes[i] ?? [];
      const data = values.subarray(at, at + elements(shape));
      at += data.length;
      const reference = ours.reference[output];
      if (reference === undefined) throw new Error(`${name} has no output ${output} (${asked.do})`);
      return relativeError(tensor(shape, data), reference);
    }),
  );
}
