/** How a model lives on a device: many runs, two models at once, a network that is too large. */
import { type Tensors, tensor } from '../../core/tensor.js';
import { createEngine, type Engine } from '../../engines/index.js';
import { reasonOf } from '../../engines/reason.js';
import { graphBuilder } from '../../graph/builder.js';
import { median, minimum } from '../../measuring/timing/measure.js';
import { formulaInput } from '../../test/formula_weights.js';
import { relativeError } from '../../test/run_network.js';
import { usedOnCard } from './card_memory.js';
import { type Opening, openFormula, openNamed, type Where } from './networks.js';
import type { StepContext } from './steps.js';

const NAMES = {
  whole: ['retinanet_lowformer-b0_fpn_1x_coco', 'sem-fpn_lowformer-b0_40k_ade20k-512x512'],
  short: ['tiny detector', 'tiny segmentor'],
} as const;

export interface Scene {
  readonly names: readonly [string, string];
  readonly input: ReturnType<typeof tensor>;
  open(name: string): Promise<Engine>;
}

/** A detector and a segmentor, and what they run on. */
export function scene(
  { device, precision }: Where,
  { short, signal }: StepContext,
  told: Pick<Opening, 'onRestart'> = {},
): Scene {
  const side = short ? 64 : 512;
  const shape = [1, 3, side, side];
  const input = tensor(shape, formulaInput(`input.${side}x${side}`, shape));
  const open = async (name: string) =>
    openFormula(await openNamed(name), { device, precision, sides: [side], signal, ...told });
  return { names: short ? NAMES.short : NAMES.whole, input, open };
}

/** Memory on the card and of the process, and the time of a run, over 500 runs: flat where nothing is kept. */
export async function steady(where: Where, context: StepContext): Promise<void> {
  const { signal, short, emit } = context;
  const { names, input, open } = scene(where, context);
  const engine = await open(names[0]);
  try {
    const part = short ? 5 : 100;
    for (let runs = part; runs <= 5 * part; runs += part) {
      const times: number[] = [];
      for (let run = 0; run < part; run++) {
        const start = performance.now();
        await engine.run({ input }, { signal });
        times.push(performance.now() - start);
      }
      const memory = { 'MiB on the card': await usedOnCard(), 'MB of the process': process.memoryUsage.rss() / 1e6 };
      emit({ network: names[0], runs, milliseconds: median(times), least: minimum(times), ...memory });
    }
  } finally {
    await engine[Symbol.asyncDispose]();
  }
}

/** Two models in one process that run at the same time give what each gives alone, to the bit. */
export async function together(where: Where, context: StepContext): Promise<void> {
  const { names, input, open } = scene(where, context);
  const engines: Engine[] = [];
  try {
    for (const name of names) engines.push(await open(name));
    const run = (engine: Engine) => engine.run({ input }, { signal: context.signal });
    const alone: Tensors[] = [];
    for (const engine of engines) alone.push(await run(engine));
    const rounds = context.short ? 2 : 20;
    const start = performance.now();
    const both = await Promise.all(engines.map((engine) => inTurn(rounds, () => run(engine))));
    const seconds = (performance.now() - start) / 1000;
    for (const [i, name] of names.entries()) {
      const off = furthest(both[i] ?? {}, alone[i] ?? {});
      context.emit({ network: name, off, agrees: off === 0, 'runs/s of each': rounds / seconds });
    }
  } finally {
    for (const engine of engines) await engine[Symbol.asyncDispose]();
  }
}

async function inTurn(rounds: number, run: () => Promise<Tensors>): Promise<Tensors> {
  let last: Tensors = {};
  for (let round = 0; round < rounds; round++) last = await run();
  return last;
}

/** The largest difference of any output, as a share of its largest value. */
export const furthest = (found: Tensors, expected: Tensors): number =>
  Math.max(...Object.entries(expected).map(([name, reference]) => relativeError(found[name], reference)));

/** A map that no card holds is the error `out-of-memory`, and the models beside it and after it run on. */
export async function tooLarge(where: Where, context: StepContext): Promise<void> {
  const { names, input, open } = scene(where, context);
  const { device } = where;
  const beside = await open(names[0]);
  try {
    const before = await beside.run({ input });
    const g = graphBuilder();
    const wide = g.emit('resizeNearest', [g.input('input', 1)], { factor: 2 ** 18 });
    const graph = g.finish([{ name: 'y', value: g.emit('averageToPixel', [wide], {}) }]);
    const network = { graph, parameters: () => tensor([0], new Float32Array()) };
    const large = await createEngine('onnxruntime', network, { device });
    const said = await large.run({ input: tensor([1, 1, 8, 8], new Float32Array(64)) }).then(
      () => 'it ran',
      (error: unknown) => (error instanceof Object && 'code' in error ? String(error.code) : reasonOf(error)),
    );
    await large[Symbol.asyncDispose]();
    context.emit({ what: 'a map that no card holds', said, agrees: said === 'out-of-memory' });
    const off = furthest(await beside.run({ input }), before);
    context.emit({ what: 'the model beside it', said: `off by ${off}`, agrees: off === 0 });
    const fresh = await open(names[0]);
    const offFresh = furthest(await fresh.run({ input }), before);
    await fresh[Symbol.asyncDispose]();
    context.emit({ what: 'a model opened after it', said: `off by ${offFresh}`, agrees: offFresh === 0 });
  } finally {
    await beside[Symbol.asyncDispose]();
  }
}
