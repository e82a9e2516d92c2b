/** Arithmetic, joining and comparing, as Python does it. Each gives undefined for what Python or this reader refuses. */
import type { Budget } from './budget.js';
import { floatPower, intPower } from './power.js';
import {
  isEqual,
  isItems,
  numberOf,
  PythonDict,
  PythonFloat,
  PythonList,
  PythonTuple,
  type PythonValue,
} from './values.js';

type Arithmetic = (a: number, b: number) => number;

const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '//': floorDivided,
  '%': remainder,
  '**': floatPower,
};

/** `a + b` and its like. @throws {BudgetError} for lists and texts that grow too long. */
export function binary(operator: string, a: PythonValue, b: PythonValue, budget: Budget): PythonValue | undefined {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) {
    const isFloat = a instanceof PythonFloat || b instanceof PythonFloat;
    return arithmetic(operator, left, right, isFloat);
  }
  if (operator === '+') return joined(a, b, budget);
  if (operator !== '*') return undefined;
  if (typeof a === 'number') return repeated(b, a, budget);
  return typeof b === 'number' ? repeated(a, b, budget) : undefined;
}

function arithmetic(operator: string, left: number, right: number, isFloat: boolean): PythonValue | undefined {
  const compute = ARITHMETIC[operator];
  if (compute === undefined || (right === 0 && ['/', '//', '%'].includes(operator))) return undefined;
  if (operator === '**' && left === 0 && right < 0) return undefined;
  if (operator === '**' && !isFloat && right >= 0) return intPower(left, right);
  const result = compute(left, right);
  if (Number.isNaN(result) && !Number.isNaN(left) && !Number.isNaN(right)) return undefined;
  if (isFloat || operator === '/' || (operator === '**' && right < 0)) return new PythonFloat(result);
  // An int beyond these is exact in Python and would not be here. -0 is no int.
  return Number.isSafeInteger(result) ? result + 0 : undefined;
}

/** With the sign of the divisor, as a zero has it too (CPython's `float_rem`). */
function remainder(left: number, right: number): number {
  const rest = left % right;
  if (rest === 0) return right < 0 ? -0 : 0;
  return rest < 0 === right < 0 ? rest : rest + right;
}

/** From the remainder, since `1.0 // 0.1` is 9 where `1.0 / 0.1` is 10 (CPython's `float_divmod`). */
function floorDivided(left: number, right: number): number {
  const rest = left % right;
  const whole = (left - rest) / right - Number(rest !== 0 && rest < 0 !== right < 0);
  if (whole === 0) return left / right < 0 || Object.is(left / right, -0) ? -0 : 0;
  return whole - Math.floor(whole) > 0.5 ? Math.floor(whole) + 1 : Math.floor(whole);
}

function joined(a: PythonValue, b: PythonValue, budget: Budget): PythonValue | undefined {
  if (typeof a === 'string' && typeof b === 'string') {
    budget.make(a.length + b.length);
    return a + b;
  }
  if (a instanceof PythonList && b instanceof PythonList) {
    budget.make(a.items.length + b.items.length);
    return new PythonList([...a.items, ...b.items]);
  }
  if (!(a instanceof PythonTuple && b instanceof PythonTuple)) return undefined;
  budget.make(a.items.length + b.items.length);
  return new PythonTuple([...a.items, ...b.items]);
}

function repeated(value: PythonValue, times: number, budget: Budget): PythonValue | undefined {
  const count = Math.max(0, times);
  if (typeof value === 'string') {
    budget.make(value.length * count);
    return value.repeat(count);
  }
  if (!(value instanceof PythonList || value instanceof PythonTuple)) return undefined;
  budget.make(value.items.length * count);
  const items = Array.from({ length: value.items.length === 0 ? 0 : count }, () => value.items).flat();
  return value instanceof PythonList ? new PythonList(items) : new PythonTuple(items);
}

/** `==`, `<`, `in`, `is` and their like. `is` asks for None, True and False alone. */
export function compared(operator: string, a: PythonValue, b: PythonValue): boolean | undefined {
  if (operator === '==') return isEqual(a, b);
  if (operator === '!=') return !isEqual(a, b);
  if (operator === 'in') return contains(b, a);
  if (operator === 'not in') {
    const isIn = contains(b, a);
    return isIn === undefined ? undefined : !isIn;
  }
  if (operator === 'is' || operator === 'is not') {
    if (b !== null && typeof b !== 'boolean') return undefined;
    return (a === b) === (operator === 'is');
  }
  const order = orderOf(a, b);
  if (order === undefined) return undefined;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  if (operator === '>') return order > 0;
  return operator === '>=' ? order >= 0 : undefined;
}

/** Below 0 where `a` comes first; undefined for what has no order. */
export function orderOf(a: PythonValue, b: PythonValue): number | undefined {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return Number.isNaN(left - right) ? undefined : left - right;
  if (typeof a !== 'string' || typeof b !== 'string') return undefined;
  return a < b ? -1 : Number(a > b);
}

function contains(container: PythonValue, value: PythonValue): boolean | undefined {
  if (typeof container === 'string') return typeof value === 'string' ? container.includes(value) : undefined;
  if (container instanceof PythonDict) {
    return typeof value === 'string' || typeof value === 'number' ? container.entries.has(value) : undefined;
  }
  if (container === null || typeof container !== 'object' || !isItems(container)) return undefined;
  return container.items.some((item) => isEqual(item, value));
}
