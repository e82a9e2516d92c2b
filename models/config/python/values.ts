/** The values that Python configs are made of, kept apart as far as Python's own rules tell them apart. */

/** `null` is None; a plain number is an int. */
export type PythonValue =
  | null
  | boolean
  | string
  | number
  | PythonFloat
  | PythonList
  | PythonTuple
  | PythonView
  | PythonDict
  | PythonImported
  | PythonTemplate;

/** A key of a dict: a text or an int. */
export type PythonKey = string | number;

/** A float is written `1.0` in texts, and `/` always gives one. */
export class PythonFloat {
  constructor(readonly value: number) {}
}

export class PythonList {
  constructor(readonly items: PythonValue[]) {}
}

export class PythonTuple {
  constructor(readonly items: readonly PythonValue[]) {}
}

/** What `range()`, `enumerate()`, `zip()`, `keys()` and their like give: it can be gone through, and no more. */
export class PythonView {
  constructor(
    readonly items: readonly PythonValue[],
    readonly kind: string,
  ) {}
}

/**
 * mmengine's ConfigDict where `isConfig`, as the values of `_base_` are: its keys are attributes too, `update` goes into
 * the dicts within, `pop` asks for no default. Python's own dict otherwise.
 */
export class PythonDict {
  constructor(
    readonly entries: Map<PythonKey, PythonValue>,
    readonly isConfig = false,
  ) {}
}

/** What an `import` names: never loaded, known by its path alone (`torch.nn.ReLU`). */
export class PythonImported {
  constructor(
    readonly path: string,
    /** A module itself, which mmengine gives no name of that could be built. */
    readonly isModule: boolean,
  ) {}
}

/** `{{_base_.model}}`: stands for a value of the bases, which takes its place once the file has been read. */
export class PythonTemplate {
  constructor(readonly keys: readonly string[]) {}
}

/** Of lists, tuples and whatever else can be gone through item by item. */
export type PythonItems = PythonList | PythonTuple | PythonView;

export function isItems(value: PythonValue): value is PythonItems {
  return value instanceof PythonList || value instanceof PythonTuple || value instanceof PythonView;
}

/** As Python's `type(value).__name__`. */
export function typeName(value: PythonValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return 'a bool';
  if (typeof value === 'string') return 'a str';
  if (typeof value === 'number') return 'an int';
  if (value instanceof PythonFloat) return 'a float';
  if (value instanceof PythonList) return 'a list';
  if (value instanceof PythonTuple) return 'a tuple';
  if (value instanceof PythonView) return `a ${value.kind}`;
  if (value instanceof PythonDict) return 'a dict';
  return value instanceof PythonImported
    ? `the import ${value.path}`
    : `the template {{_base_.${value.keys.join('.')}}}`;
}

/** Python's truth of a value: 0, nothing, and what is empty are false. */
export function isTrue(value: PythonValue): boolean {
  if (value instanceof PythonFloat) return value.value !== 0;
  if (value instanceof PythonDict) return value.entries.size > 0;
  if (typeof value === 'object' && value !== null && isItems(value)) return value.items.length > 0;
  return typeof value === 'object' ? value !== null : Boolean(value);
}

/** The number of an int, a float or a bool; undefined for anything else. */
export function numberOf(value: PythonValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return value instanceof PythonFloat ? value.value : undefined;
}

/** Python's `==`. A list is no tuple, and 1 is 1.0 and True. */
export function isEqual(a: PythonValue, b: PythonValue): boolean {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return left === right;
  if (a instanceof PythonDict && b instanceof PythonDict) {
    return (
      a.entries.size === b.entries.size &&
      [...a.entries].every(([key, value]) => {
        const other = b.entries.get(key);
        return other !== undefined && isEqual(value, other);
      })
    );
  }
  const sameKind =
    (a instanceof PythonList && b instanceof PythonList) || (a instanceof PythonTuple && b instanceof PythonTuple);
  if (!sameKind) return a === b;
  return a.items.length === b.items.length && a.items.every((item, i) => isEqual(item, b.items[i] ?? null));
}
