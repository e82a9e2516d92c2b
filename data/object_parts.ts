/** An object whose parts stand apart in a file. */

export interface ObjectParts<Part> {
  readonly parts: readonly [Part, ...Part[]];
  /** Where its first part stands. */
  readonly first: number;
}

/**
 * In the order of the objects' first parts.
 * @param keyOf of parts of one object the same; undefined of what is an object of its own.
 */
export function objectsOfParts<Part>(
  all: readonly Part[],
  keyOf: (part: Part) => string | undefined,
): readonly ObjectParts<Part>[] {
  const objects: { readonly parts: [Part, ...Part[]]; readonly first: number }[] = [];
  const known = new Map<string, [Part, ...Part[]]>();
  all.forEach((part, first) => {
    const key = keyOf(part);
    const parts = key === undefined ? undefined : known.get(key);
    if (parts !== undefined) {
      parts.push(part);
      return;
    }
    const own: [Part, ...Part[]] = [part];
    objects.push({ parts: own, first });
    if (key !== undefined) known.set(key, own);
  });
  return objects;
}
