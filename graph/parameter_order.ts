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

  /** The places of the modules around a parameter that have one, outermost first, and its own. */
  function path(name: string): readonly number[] {
    const parts = name.split('.');
    return parts.flatMap((_, i) => places.get(parts.slice(0, i + 1).join('.')) ?? []);
  }

  return {
    place(name) {
      if (!places.has(name)) places.set(name, places.size);
    },
    sorted: (parameters) =>
      new Map(
        [...parameters]
          .map((entry) => ({ entry, at: path(entry[0]) }))
          .sort((a, b) => compare(a.at, b.at))
          .map(({ entry }) => entry),
      ),
  };
}

/** Lexicographic. */
function compare(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((place, index) => place !== b[index]);
  return (a[i] ?? 0) - (b[i] ?? 0);
}
