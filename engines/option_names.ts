import { LowformerError, nearestName } from '../core/errors.js';
import type { EngineOptions } from './engine.js';

const KNOWN = {
  device: true,
  threads: true,
  sessions: true,
  precision: true,
  fastMath: true,
  maxWaitingCalls: true,
  onRestart: true,
  onSlowDriver: true,
  kept: true,
  signal: true,
} as const satisfies Record<keyof EngineOptions, true>;

/** A misspelt option would be one that is ignored. @throws {LowformerError} `invalid-argument`, naming it. */
export function checkOptionNames(options: EngineOptions): void {
  const names = Object.keys(KNOWN);
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, names);
  throw new LowformerError({
    code: 'invalid-argument',
    where: `options.${unknown}`,
    expected: `an option of an engine (${names.join(', ')})`,
    ...(near === undefined ? {} : { hint: `Did you mean '${near}'?` }),
  });
}
