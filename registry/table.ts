import { LowformerError, nearestName } from '../core/errors.js';
import { foreignScope } from './type_names.js';

/** The modules of one kind by their `type`: an explicit table, and what third parties add to it. */
export interface ModuleTable<Base extends { readonly type: string }> {
  /** `backbone`, `neck`, `head`: for messages. */
  readonly kind: string;
  /** In the order in which they were added. */
  names(): readonly string[];
  /** Of those that are not the package's own. */
  added(): readonly string[];
  /** @throws {LowformerError} `invalid-config` for a type that is not there, with the nearest one that is. */
  get(type: string, where: string): Base;
  /**
   * Adds a module from outside the package; returns it.
   * @throws {LowformerError} `invalid-argument` when another module has that type already.
   */
  register<Added extends Base>(definition: Added): Added;
}

/** A table that starts with the package's own modules. */
export function moduleTable<Base extends { readonly type: string }>(
  kind: string,
  own: Readonly<Record<string, Base>>,
): ModuleTable<Base> {
  const table = new Map<string, Base>(Object.entries(own));
  return {
    kind,
    names: () => [...table.keys()],
    added: () => [...table.keys()].filter((type) => !Object.hasOwn(own, type)),
    get(type, where) {
      const found = table.get(type);
      if (found !== undefined) return found;
      const near = nearestName(type, [...table.keys()]);
      const expected = `the type of a ${kind} (${[...table.keys()].join(', ')})`;
      const own = [foreignScope(type), `A ${kind} of your own is added with the library's register call.`];
      const hint = near === undefined ? own.filter((line) => line !== undefined).join(' ') : `Did you mean '${near}'?`;
      throw new LowformerError({ code: 'invalid-config', where, expected, received: type, hint });
    },
    register(definition) {
      const known = table.get(definition.type);
      if (known !== undefined && known !== definition) {
        const expected = `a type that no ${kind} has yet`;
        throw new LowformerError({
          code: 'invalid-argument',
          where: `register ${kind}`,
          expected,
          received: definition.type,
        });
      }
      table.set(definition.type, definition);
      return definition;
    },
  };
}
