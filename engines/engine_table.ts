import { LowformerError, nearestName } from '../core/errors.js';
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
      const near = nearestName(name, names());
      throw new LowformerError({
        code: 'invalid-argument',
        where: 'engine',
        expected: `one of ${names().join(', ')}`,
        received: name,
        ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
      });
    },
    register(engine) {
      const known = table.get(engine.name);
      if (known !== undefined && known !== engine) {
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
