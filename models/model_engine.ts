/** The engine of a loaded model: of its whole network, or of a detector's network in two parts. */
import { LowformerError } from '../core/errors.js';
import { AUTO, type ChosenEngine, chosenEngine } from '../engines/auto/choice.js';
import { type ChoiceMemory, chooseEngine } from '../engines/auto/choose.js';
import { choicesFolder } from '../engines/auto/records.js';
import {
  createEngine,
  DEFAULT_ENGINE,
  ENGINES,
  type Engine,
  type EngineOptions,
  type KeptNetwork,
} from '../engines/index.js';
import { graphFacts } from '../engines/network_facts.js';
import { boundedCalls } from '../engines/thread/bounded_calls.js';
import { packageVersion } from '../files/package_version.js';
import { winograd } from '../graph/passes/index.js';
import { findTower, type Tower, towerMacs } from '../graph/towers.js';
import type { CandidatePixels } from '../registry/define.js';
import { type DeployedParts, deployLater, deployment, deployParts, type InputSizes } from '../tasks/deploy.js';
import type { Model } from '../tasks/model.js';
import { createPartedRunner, MOST_SHARE_BY_TILES } from '../tasks/parted_runner.js';
import { createRowsRunner } from '../tasks/rows_runner.js';
import { cacheFolder } from '../weights/download/cache_folder.js';
import { candidatesPass, deployedPasses, labelsPass } from './deployed_passes.js';
import { keptNetwork } from './kept_network.js';
import { measuredInput, measuredSize } from './measured_input.js';
import type { StoredWeights } from './network_weights.js';
import type { LoadOptions } from './options.js';
import { pixelForm, pixelsPass } from './pixel_form.js';

export interface ModelEngineParts {
  readonly model: Model;
  readonly weights: StoredWeights;
  readonly inputs: InputSizes;
  readonly options: LoadOptions;
  readonly say: (line: string) => void;
}

/**
 * Starts the engine of a model: the one that is named, or that `chooseEngine` finds. In two parts, its outputs are those of the
 * whole network but for the boxes of pixels that decoding does not read.
 * @throws {LowformerError} what `createEngine` and `chooseEngine` throw.
 */
export async function createModelEngine(parts: ModelEngineParts): Promise<ChosenEngine> {
  const { model, inputs, options, say } = parts;
  const { engine: name = DEFAULT_ENGINE } = options;
  // What cannot be is said of the model, not of each engine that `auto` opens.
  candidatesPass(model, options.passes?.topCandidates);
  const form = pixelForm(inputs, options.passes?.packedPixels);
  const labelled = labelsPass(model, inputs, options.passes?.labelMap) !== undefined;
  if (name !== AUTO) return chosenEngine(await namedEngine(parts, name), { by: 'name', name });
  const size = measuredSize(model, inputs);
  return chooseEngine({
    table: ENGINES,
    options: engineOptions(options, say),
    open: (one, use) =>
      namedEngine(use === 'start' ? parts : { ...parts, options: { ...options, keepNetwork: false } }, one),
    inputs: () => measuredInput(size, form, labelled),
    subject: `${size.width}x${size.height}`,
    memory: choiceMemory(parts),
    say,
  });
}

/** Beside the kept networks, unless nothing is to be kept. */
function choiceMemory({ model, inputs, options }: ModelEngineParts): ChoiceMemory | undefined {
  const { keepNetwork = true, cache = cacheFolder(), passes = {}, denseBoxes = false } = options;
  if (!keepNetwork) return undefined;
  const facts = () => {
    const { graph, divisor } = deployment(model, { inputs });
    return [packageVersion(), graphFacts(graph), divisor, inputs.kind, passes, denseBoxes];
  };
  return { folder: choicesFolder(cache), facts };
}

async function namedEngine(
  { model, weights, inputs, options, say }: ModelEngineParts,
  engine: string,
): Promise<Engine> {
  const { device = 'cpu' } = options;
  const rows = candidatesPass(model, options.passes?.topCandidates);
  const pixels =
    pixelForm(inputs, options.passes?.packedPixels) === 'packed' ? pixelsPass(model.preprocessor) : undefined;
  const asked = [rows, labelsPass(model, inputs, options.passes?.labelMap), pixels].filter(
    (pass) => pass !== undefined,
  );
  const passes = [...deployedPasses(engine, device, options), ...asked];
  const network = deployLater(model, weights.parameters, { inputs, passes });
  const own = engineOptions(options, say);
  const kept = (part?: string): { kept?: KeptNetwork } => {
    if (options.keepNetwork === false) return {};
    const found = keptNetwork({ model, weights, inputs, passes, ...(part && { part }) }, options);
    return found === undefined ? {} : { kept: found };
  };
  const parted = asked.length === 0 ? partedTower(model, engine, device, inputs, options) : undefined;
  if (parted === undefined) {
    const whole = await createEngine(engine, network, { ...own, ...kept() });
    return rows === undefined ? whole : rowsEngine(whole, model);
  }
  const parts = deployParts(model, weights.parameters, parted.tower, { inputs, passes });
  const start = (part: Part, signal = own.signal) => {
    const { signal: _, ...rest } = own;
    return createEngine(engine, parts[part], { ...rest, ...kept(part), ...(signal && { signal }) });
  };
  const mostShare = passes.includes(winograd) ? { mostShare: MOST_SHARE_BY_TILES } : {};
  return partedEngine({ ...parted, ...mostShare }, start, options);
}

function rowsEngine(engine: Engine, { graph }: Model): Engine {
  const runner = createRowsRunner(engine, graph);
  return {
    device: engine.device,
    run: (inputs, options) => runner.run(inputs, options),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

type Part = Exclude<keyof DeployedParts, 'tower'>;

/** A tower, and what tells where it is read. */
interface PartedTower {
  readonly tower: Tower;
  readonly candidatePixels: CandidatePixels;
  readonly mostShare?: number;
}

async function partedEngine(
  parted: PartedTower,
  start: (part: Part, signal?: AbortSignal) => Promise<Engine>,
  { maxWaitingCalls, sessions = 1 }: LoadOptions,
): Promise<Engine> {
  const [first, towerAtPixels] = await together(start('first'), start('towerAtPixels'));
  const disposal = new AbortController();
  let everywhere: Promise<Engine> | undefined;
  const towerEverywhere = () => {
    // Most models never need it. What fails is tried again by the next picture that does.
    everywhere ??= start('towerEverywhere', disposal.signal).catch((error: unknown) => {
      everywhere = undefined;
      throw error;
    });
    return everywhere;
  };
  const runner = createPartedRunner({ ...parted, first, towerAtPixels, towerEverywhere, atOnce: sessions });
  const engine: Engine = {
    device: first.device,
    run: (inputs, options) => runner.run(inputs, options),
    async [Symbol.asyncDispose]() {
      disposal.abort(new LowformerError({ code: 'disposed', where: 'engine', expected: 'an engine in use' }));
      const late = await everywhere?.catch(() => undefined);
      await Promise.all([first, towerAtPixels, late].map((one) => one?.[Symbol.asyncDispose]()));
    },
  };
  return boundedCalls(engine, maxWaitingCalls, sessions);
}

/** @throws {LowformerError} `invalid-argument` for `denseBoxes` of what gives no boxes. */
export function checkDenseBoxes({ task }: Model, { denseBoxes }: LoadOptions): void {
  if (denseBoxes === undefined || task === 'detection') return;
  const expected = 'a detector: no other model has boxes';
  throw new LowformerError({ code: 'invalid-argument', where: 'denseBoxes', expected, received: task });
}

/** Both, or the first error once nothing of the other is left. */
async function together(...starting: readonly [Promise<Engine>, Promise<Engine>]): Promise<readonly [Engine, Engine]> {
  try {
    return await Promise.all(starting);
  } catch (error) {
    for (const started of await Promise.allSettled(starting)) {
      if (started.status === 'fulfilled') await started.value[Symbol.asyncDispose]();
    }
    throw error;
  }
}

/** Multiply-accumulates of a tower at a pixel, from which on it costs more than a second thread and its messages. */
const LEAST_MACS = 500_000;

/**
 * The tower that runs apart: of a detector whose decoder tells where it reads the boxes, where that has been measured to be
 * faster, as `deployedPasses` says of passes. Of several looks at a picture every pixel is likely to be read.
 */
function partedTower(
  model: Model,
  engine: string,
  device: string,
  inputs: InputSizes,
  { denseBoxes = false, precision = 'float32' }: LoadOptions,
): PartedTower | undefined {
  if (denseBoxes || engine !== 'onnxruntime' || device !== 'cpu' || precision !== 'float32') return undefined;
  if (inputs.kind === 'views' || model.task !== 'detection') return undefined;
  const tower = findTower(model.graph);
  const { candidatePixels } = model.decode;
  if (tower === undefined || candidatePixels === undefined) return undefined;
  return towerMacs(tower) >= LEAST_MACS ? { tower, candidatePixels } : undefined;
}

/** What the options say of every engine of a model. */
export function engineOptions(options: LoadOptions, say: (line: string) => void): EngineOptions {
  const { device = 'cpu', threads, sessions, precision, fastMath, maxWaitingCalls, signal } = options;
  return {
    device,
    ...(threads === undefined ? {} : { threads }),
    ...(sessions === undefined ? {} : { sessions }),
    ...(precision === undefined ? {} : { precision }),
    ...(fastMath === undefined ? {} : { fastMath }),
    ...(maxWaitingCalls === undefined ? {} : { maxWaitingCalls }),
    ...(signal === undefined ? {} : { signal }),
    onRestart: ({ message }) => say(`the network is loaded again: ${message}`),
    onSlowDriver: say,
  };
}
