import { LowformerError } from '../core/errors.js';
import type { Network } from '../graph/graph.js';
import { writtenPrecision } from '../graph/onnx/precision.js';
import { type OnnxFile, type OnnxOptions, writeOnnx } from '../graph/onnx/write.js';
import type { EngineDefinition } from './define_engine.js';
import type { Engine, EngineModel, EngineOptions } from './engine.js';
import type { EngineTable } from './engine_table.js';
import type { OnnxModel } from './onnx_model.js';
import { checkOptionNames } from './option_names.js';
import { severalSessions, threadsOfEach } from './several_sessions.js';
import { boundedCalls, checkWaitingCalls } from './thread/bounded_calls.js';
import { restarting } from './thread/restarting.js';
import { MOST_SESSIONS } from './thread/threads.js';
import { CallNotBegun } from './thread/worker_calls.js';

/**
 * Makes a network ready to run on an engine of a table. Its parameters are read while that goes on, and again when the
 * engine's thread has died and is started anew: keep them readable until the engine is disposed of.
 * @throws {LowformerError} `invalid-argument` when there is no engine or no option of that name, or when it does not offer
 *   what is asked for or reads no ONNX file; what the engine's own function throws.
 */
export async function createEngineOf(
  table: EngineTable,
  name: string,
  model: EngineModel,
  options: EngineOptions,
): Promise<Engine> {
  const definition = table.get(name);
  checkOptionNames(options);
  checkWaitingCalls(options.maxWaitingCalls);
  const { sessions: count = 1, ...ownOptions } = options;
  checkSessions(count);
  checkOffered(table, definition, options);
  const create = await creator(table, definition, model);
  const each: EngineOptions = count === 1 ? ownOptions : { threads: threadsOfEach(count), ...ownOptions };
  const start = (signal: AbortSignal | undefined) => created(create({ ...each, ...(signal && { signal }) }));
  const open = async () => restarting(await start(options.signal), { start, onRestart: options.onRestart });
  const first = await open();
  const engine = count === 1 ? first : severalSessions(first.device, [first, ...(await others(first, count, open))]);
  return boundedCalls(engine, options.maxWaitingCalls, count);
}

/** After the first: what that one keeps of the network is read by the others. None stays behind where one fails. */
async function others(first: Engine, count: number, open: () => Promise<Engine>): Promise<readonly Engine[]> {
  const opened = await Promise.allSettled(Array.from({ length: count - 1 }, open));
  const engines = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed === undefined) return engines;
  await Promise.all([first, ...engines].map((engine) => engine[Symbol.asyncDispose]()));
  throw failed.reason;
}

/** @throws {LowformerError} `invalid-argument` for what is no number of sessions. */
function checkSessions(sessions: number): void {
  if (Number.isInteger(sessions) && sessions >= 1 && sessions <= MOST_SESSIONS) return;
  const expected = `an integer from 1 to ${MOST_SESSIONS}`;
  throw new LowformerError({ code: 'invalid-argument', where: 'sessions', expected, received: sessions });
}

type Creator = (options: EngineOptions) => Promise<Engine>;

async function creator(table: EngineTable, definition: EngineDefinition, model: EngineModel): Promise<Creator> {
  if (definition.runs === 'networks') {
    const load = await definition.load();
    if ('graph' in model) return (options) => load(model, options);
    const expected = `a network, which ${definition.name} runs, and no ONNX file`;
    const hint = offer(table, ({ runs }) => runs === 'onnx', 'runs ONNX files');
    throw new LowformerError({ code: 'invalid-argument', where: 'engine', expected, ...hint });
  }
  const load = await definition.load();
  return async (options) => {
    const { precision = 'float32' } = options;
    const written = writtenPrecision(precision);
    if ('graph' in model) return load(onnxOf(model, { precision: written, device: options.device }), options);
    if (written === 'float32') return load(model, options);
    const expected = 'a network, or no precision: an ONNX file has its own';
    throw new LowformerError({ code: 'invalid-argument', where: 'precision', expected, received: precision });
  };
}

/** Written when it is first asked for: an engine that has kept what its runtime made of the network asks for nothing. */
function onnxOf(network: Network, options: OnnxOptions): OnnxModel {
  let written: OnnxFile | undefined;
  const file = () => {
    written ??= writeOnnx(network, options);
    return written;
  };
  return {
    get byteLength() {
      return file().byteLength;
    },
    chunks: () => file().chunks(),
  };
}

/** @throws {LowformerError} `invalid-argument` for what only other engines offer. */
function checkOffered(table: EngineTable, { name, options }: EngineDefinition, given: EngineOptions): void {
  const { precision = 'float32', fastMath = false } = given;
  const nothingBut = `nothing but ${options.precisions.join(' or ')} of the engine ${name}`;
  const refuse = (where: string, received: string | boolean, offers: (engine: EngineDefinition) => boolean) => {
    const hint = offer(table, offers, 'offers it');
    throw new LowformerError({ code: 'invalid-argument', where, expected: nothingBut, received, ...hint });
  };
  if (fastMath && !options.fastMath) refuse('fastMath', fastMath, (engine) => engine.options.fastMath);
  if (!options.precisions.includes(precision)) {
    refuse('precision', precision, (engine) => engine.options.precisions.includes(precision));
  }
}

/** `The engine onnxruntime offers it.` */
function offer(table: EngineTable, does: (engine: EngineDefinition) => boolean, what: string): { hint?: string } {
  const found = table.list().find(does);
  return found === undefined ? {} : { hint: `The engine ${found.name} ${what}.` };
}

/** A thread that died while it was loading: there is nobody yet to start another. */
function created(engine: Promise<Engine>): Promise<Engine> {
  return engine.catch((error: unknown) => {
    throw error instanceof CallNotBegun ? error.reason : error;
  });
}
