import type { Parameter } from './value.js';

/** Where the parameters of a graph stand in its state_dict. */
export interface ParameterOrder {
  /** Gives a parameter, or a module and thereby all parameters in it, the next place unless it has one. */
  place(name: string): void;
  /** The parameters by their places: those of a module with a place stand there together. */
  sorted(parameters: ReadonlyMap<string, Parameter>): ReadonlyMap<string, Parameter>;
}

export function parameterOrder(): ParameterOrder {
  const places = new Map<string, number>();

  /** The places of the modules around each name that have one, outermost first, and its own. */
  function paths(): (name: string) => readonly number[] {
    const known = new Map<string, readonly number[]>();
    return function path(name): readonly number[] {
      const before = known.get(name);
      if (before !== undefined) return before;
      const dot = name.lastIndexOf('.');
      const around = dot < 0 ? [] : path(name.slice(0, dot));
      const place = places.get(name);
      const all = place === undefined ? around : [...around, place];
      known.set(name, all);
      return all;
    };
  }

  return {
    place(name) {
      if (!places.has(name)) places.set(name, places.size);
    },
    sorted(parameters) {
      const path = paths();
      return new Map(
        [...parameters]
          .map((entry) => ({ entry, at: path(entry[0]) }))
          .sort((a, b) => compare(a.at, b.at))
          .map(({ entry }) => entry),
      );
    },
  };
}

/** Lexicographic. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, place] of a.entries()) if (place !== b[i]) return place - (b[i] ?? 0);
  return 0;
}
