/** The engine that runs a network fastest on this machine, found by running it. */
import { LowformerError } from '../../core/errors.js';
import type { Tensors } from '../../core/tensor.js';
import type { Engine, EngineOptions } from '../engine.js';
import type { EngineTable } from '../engine_table.js';
import { machineText } from '../machine.js';
import { threadLimit } from '../thread/threads.js';
import { type Candidate, findCandidates } from './candidates.js';
import { type ChosenEngine, choiceText, chosenEngine, type EngineChoice, type EngineTimes } from './choice.js';
import { isEngineFailure, measureEngines } from './measure.js';
import { readRecord, recordFile, writeRecord } from './records.js';

export interface ChoosingParts {
  readonly table: EngineTable;
  /** As every engine is opened with: they say which engines may take part. */
  readonly options: EngineOptions;
  /** Opens one. @param use `trial` where it may be closed again at once: nothing need be kept of it for another start. */
  readonly open: (name: string, use: 'trial' | 'start') => Promise<Engine>;
  /** What a run is measured with; asked for when that happens. */
  readonly inputs: () => Tensors;
  /** The size of `inputs`, for a person: `512x512`. */
  readonly subject: string;
  /** Where choices are remembered; undefined where none is. */
  readonly memory: ChoiceMemory | undefined;
  readonly say: (line: string) => void;
}

export interface ChoiceMemory {
  /** Nothing else is in it. */
  readonly folder: string;
  /** The network, and whatever else of it decides how fast it runs, as JSON; machine, engines and their options come on top. */
  readonly facts: () => unknown;
}

/**
 * Takes the engine that an earlier start has measured to be the fastest, where that is remembered. Else opens every engine that
 * is installed and calculates in the same precision, runs them in turn, goes on with the fastest and closes the others; one that
 * is alone is taken as it is, and a last resort where there is none. What cannot be opened, or fails, is passed over, which is said.
 * @throws {LowformerError} where no engine is left; as `findCandidates`; what is wrong with the network itself; the signal's
 *   reason when aborted. Nothing stays open then.
 */
export async function chooseEngine(parts: ChoosingParts): Promise<ChosenEngine> {
  const { options, subject, memory, say } = parts;
  const { found, resorts, passedOver: absent } = await findCandidates(parts.table, options);
  const names = found.map(({ name }) => name);
  const place = memory && names.length > 1 ? recordPlace(memory, options, { subject, found }) : undefined;
  const open = new Map<string, Engine>();
  const failed = new Map<string, LowformerError>();
  const begin = (name: string, use: 'trial' | 'start') =>
    noted(
      name,
      failed,
      names.length + resorts.length > 1 ? say : () => {},
      async () => void open.set(name, await parts.open(name, use)),
    );
  const passedOver = () => [...absent, ...[...failed].map(([name, { message }]) => ({ name, reason: message }))];
  try {
    const record = place && (await readRecord(place.file, names, say));
    if (record !== undefined) await begin(record.engine, 'start');
    const remembered = record && open.get(record.engine);
    if (record !== undefined && remembered !== undefined && place !== undefined) {
      const { engine: name, milliseconds } = record;
      return told(remembered, { by: 'record', name, milliseconds, file: place.file });
    }
    const left = names.filter((name) => !failed.has(name));
    for (const name of left) await begin(name, left.length === 1 ? 'start' : 'trial');
    const milliseconds = open.size > 1 ? await measured(open, parts, failed) : {};
    for (const name of resorts) if (open.size === 0) await begin(name, 'start');
    const name = fastest(milliseconds) ?? [...open.keys()][0];
    const engine = name === undefined ? undefined : open.get(name);
    if (name === undefined || engine === undefined) throw noneLeft(failed);
    open.delete(name);
    await closeAll(open);
    if (Object.keys(milliseconds).length < 2) {
      return told(engine, { by: 'exclusion', name, passedOver: passedOver() });
    }
    // An engine that failed may have done so for once: the next start tries it again.
    const kept =
      place !== undefined && failed.size === 0 && (await writeRecord(place, { engine: name, milliseconds }, say));
    const file = kept ? place.file : undefined;
    return told(engine, { by: 'measurement', name, milliseconds, passedOver: passedOver(), file });
  } catch (error) {
    await closeAll(open);
    throw error;
  }

  function told(engine: Engine, choice: EngineChoice): ChosenEngine {
    say(choiceText(choice, subject));
    return chosenEngine(engine, choice);
  }
}

/** The file of a choice: of this network, at this size, with these options, by these engines on this processor. */
function recordPlace(
  { folder, facts }: ChoiceMemory,
  { device, threads = threadLimit().threads, sessions = 1, precision = 'float32', fastMath = false }: EngineOptions,
  { subject, found }: { readonly subject: string; readonly found: readonly Candidate[] },
) {
  const all = [facts(), subject, device, threads, sessions, precision, fastMath, found, machineText()];
  return { folder, file: recordFile(folder, all) };
}

/** What is no fault of an engine is thrown. */
async function noted(
  name: string,
  failed: Map<string, LowformerError>,
  say: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isEngineFailure(error)) throw error;
    failed.set(name, error);
    say(`engine: ${name} is passed over: ${error.message}`);
  }
}

/** Of those that did not fail; the others are closed. */
async function measured(
  open: Map<string, Engine>,
  { inputs, options: { sessions = 1, signal }, say }: ChoosingParts,
  failed: Map<string, LowformerError>,
): Promise<EngineTimes> {
  const outcome = await measureEngines(open, { inputs: inputs(), sessions, signal });
  for (const [name, error] of outcome.failed) {
    await noted(name, failed, say, () => Promise.reject(error));
    await open.get(name)?.[Symbol.asyncDispose]();
    open.delete(name);
  }
  return Object.fromEntries(outcome.milliseconds);
}

/** Of equals the first. */
function fastest(milliseconds: EngineTimes): string | undefined {
  return Object.entries(milliseconds).toSorted(([, a], [, b]) => a - b)[0]?.[0];
}

async function closeAll(open: Map<string, Engine>): Promise<void> {
  const engines = [...open.values()];
  open.clear();
  await Promise.all(engines.map((engine) => engine[Symbol.asyncDispose]()));
}

function noneLeft(failed: ReadonlyMap<string, LowformerError>): LowformerError {
  const [first, ...others] = failed.values();
  if (first === undefined) throw new RangeError('no engine, and none that failed');
  if (others.length === 0) return first;
  const hint = [...failed].map(([name, { message }]) => `\n  ${name}: ${message}`).join('');
  const expected = 'an engine that runs this network here';
  return new LowformerError({ code: first.code, where: 'engine', expected, received: 'none', hint: `Tried:${hint}` });
}
