import { LowformerError, nearestName } from '../core/errors.js';
import { AUTO } from './auto/choice.js';
import type { EngineDefinition } from './define_engine.js';

/** Engines by their names: an explicit table, and what third parties add to it. */
export interface EngineTable {
  /** In the order in which they were added; the first is the default. */
  list(): readonly EngineDefinition[];
  names(): readonly string[];
  /** @throws {LowformerError} `invalid-argument` for a name that is not there, with the nearest one that is. */
  get(name: string): EngineDefinition;
  /**
   * Adds an engine from outside the package; returns it.
   * @throws {LowformerError} `invalid-argument` when another engine has that name already.
   */
  register<Added extends EngineDefinition>(engine: Added): Added;
}

/** A table that starts with the package's own engines, the default first. */
export function engineTable(own: readonly EngineDefinition[]): EngineTable {
  const table = new Map(own.map((engine) => [engine.name, engine]));
  const names = () => [...table.keys()];
  return {
    list: () => [...table.values()],
    names,
    get(name) {
      const found = table.get(name);
      if (found !== undefined) return found;
      const hint = adviceOn(name, names());
      throw new LowformerError({
        code: 'invalid-argument',
        where: 'engine',
        expected: `one of ${names().join(', ')}`,
        received: name,
        ...(hint === undefined ? {} : { hint }),
      });
    },
    register(engine) {
      const known = table.get(engine.name);
      if (engine.name === AUTO || (known !== undefined && known !== engine)) {
        const expected = 'a name that no engine has yet';
        throw new LowformerError({
          code: 'invalid-argument',
          where: 'register engine',
          expected,
          received: engine.name,
        });
      }
      table.set(engine.name, engine);
      return engine;
    },
  };
}

/** What takes the engine to be chosen by measurement. The others test, measure or train: they are told on which. */
const PREDICTING = 'detect, segment, classify, serve, evaluate, loadModel, and createEngine with options.auto';

function adviceOn(name: string, names: readonly string[]): string | undefined {
  if (name === AUTO) return `It is for predicting (${PREDICTING}): name an engine here`;
  const near = nearestName(name, names);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}
