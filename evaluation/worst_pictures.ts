/** The few pictures with the greatest weight of errors, of any number that pass by. */

export interface WorstPictures<Picture> {
  /** A weight of 0 is no error. */
  offer(weight: number, picture: () => Picture): void;
  /** Worst first; of equals the one that came first. */
  list(): readonly Picture[];
}

export function createWorstPictures<Picture>(most: number): WorstPictures<Picture> {
  const kept: { readonly weight: number; readonly picture: Picture }[] = [];
  return {
    offer(weight, picture) {
      const least = kept.length < most ? 0 : (kept.at(-1)?.weight ?? Number.POSITIVE_INFINITY);
      if (weight <= least) return;
      const place = kept.findIndex((other) => other.weight < weight);
      kept.splice(place < 0 ? kept.length : place, 0, { weight, picture: picture() });
      if (kept.length > most) kept.pop();
    },
    list: () => kept.map(({ picture }) => picture),
  };
}
