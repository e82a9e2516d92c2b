/** Which engines may be chosen from: those that do what is asked for, and are installed. */
import { LowformerError, nearestName } from '../../core/errors.js';
import type { AutoPart, EngineDefinition } from '../define_engine.js';
import type { EngineOptions } from '../engine.js';
import type { EngineTable } from '../engine_table.js';
import type { PassedOver } from './choice.js';

export interface Candidate {
  readonly name: string;
  /** Changes when its runtime does. */
  readonly version: string;
}

export interface Candidates {
  /** To be measured, where there are several. */
  readonly found: readonly Candidate[];
  /** To be taken, the first that can be, where none of the others can. */
  readonly resorts: readonly string[];
  /** What is not installed of those to be measured; of the resorts too, where there is nothing else. */
  readonly passedOver: readonly PassedOver[];
}

type Entrant = EngineDefinition & { readonly auto: AutoPart };

/**
 * Engines that are installed, and that have the device and whatever of the options only some have.
 * @throws {LowformerError} `unavailable-device` or `invalid-argument` where no engine offers it; `missing-package` where none
 *   of those that do is installed.
 */
export async function findCandidates(table: EngineTable, options: EngineOptions): Promise<Candidates> {
  const offering = entrants(table, options);
  const contestants = await installed(offering.filter(({ auto }) => auto.as === 'contestant'));
  const last = await installed(offering.filter(({ auto }) => auto.as === 'last resort'));
  const resorts = last.found.map(({ name }) => name);
  if (contestants.found.length > 0) return { ...contestants, resorts };
  const passedOver = [...contestants.passedOver, ...last.passedOver];
  if (resorts.length > 0) return { found: [], resorts, passedOver };
  const hint = passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  const expected = `one of ${passedOver.map(({ name }) => name).join(', ')} to be installed`;
  throw new LowformerError({ code: 'missing-package', where: 'engine', expected, received: 'none', hint });
}

async function installed(engines: readonly Entrant[]): Promise<Omit<Candidates, 'resorts'>> {
  const states = await Promise.all(engines.map(async ({ name, auto }) => ({ name, state: await auto.installed() })));
  return {
    found: states.flatMap(({ name, state }) => ('version' in state ? [{ name, version: state.version }] : [])),
    passedOver: states.flatMap(({ name, state }) => ('reason' in state ? [{ name, reason: state.reason }] : [])),
  };
}

function entrants(table: EngineTable, options: EngineOptions): readonly Entrant[] {
  const { device, precision = 'float32', fastMath = false } = options;
  const all = table.list().flatMap((engine) => (isEntrant(engine) ? [engine] : []));
  const onDevice = all.filter(({ devices }) => devices.includes(device));
  if (onDevice.length === 0) {
    const devices = [...new Set(all.flatMap((engine) => engine.devices))];
    const near = nearestName(device, devices);
    throw new LowformerError({
      code: 'unavailable-device',
      where: 'device',
      expected: `a device of some engine: ${devices.join(', ')}`,
      received: device,
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
    });
  }
  const offering = onDevice.filter(
    ({ options: offered }) => offered.precisions.includes(precision) && (offered.fastMath || !fastMath),
  );
  if (offering.length > 0) return offering;
  throw new LowformerError({
    code: 'invalid-argument',
    where: fastMath ? 'fastMath' : 'precision',
    expected: `what some engine offers on the device ${device}`,
    received: fastMath ? `fastMath in ${precision}` : precision,
  });
}

function isEntrant(engine: EngineDefinition): engine is Entrant {
  return engine.auto !== undefined;
}
