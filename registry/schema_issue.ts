/** zod's issues as what a person needs to hear: where, what was expected, what was given, and what was probably meant. */
import type { z } from 'zod';
import { nearestName } from '../core/errors.js';
import { isInteger, isTuple, knownKeys, valueAt } from './schema_keys.js';

type Issue = z.core.$ZodIssue;
type Union = Extract<Issue, { readonly code: 'invalid_union' }>;

export interface Problem {
  /** Below the value that was checked. */
  readonly path: readonly PropertyKey[];
  readonly kind: 'unknown-key' | 'value' | 'missing';
  readonly expected: string;
  /** The values that were allowed, where they can be counted. */
  readonly options?: readonly unknown[];
  /** The value that was given, or the name of an unknown key; undefined for a missing key. */
  readonly received?: unknown;
  /** The nearest valid name. */
  readonly meant?: string;
}

export interface Checked {
  readonly input: unknown;
  /** What it was checked against; without it, unknown keys go without the nearest valid one. */
  readonly schema?: z.ZodType;
}

/** Names listed in a message before the rest is counted. */
const NAMES_SHOWN = 15;

/** @param above the path of the union, record or element that the issue was found in. */
export function problemsOf(issue: Issue, checked: Checked, above: readonly PropertyKey[] = []): readonly Problem[] {
  const path = [...above, ...issue.path];
  // zod's own messages open otherwise: this one was written for the schema.
  if (issue.message.startsWith('expected ')) return [plainProblem(path, issue.message.slice(9), checked)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, checked));
    case 'invalid_union':
      return unionProblems(issue, path, checked);
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap((inner) => problemsOf(inner, checked, path));
    case 'invalid_value':
      return [optionProblem(path, issue.values, [], checked)];
    default:
      return [plainProblem(path, expectation(issue, path, checked), checked)];
  }
}

function unknownKey(path: readonly PropertyKey[], key: string, { input, schema }: Checked): Problem {
  const known = knownKeys(schema, path, input);
  const expected = known.length === 0 ? 'no such key' : `one of the keys ${listed(known.map(String))}`;
  return { path: [...path, key], kind: 'unknown-key', expected, received: key, ...meantBy(key, known) };
}

function plainProblem(path: readonly PropertyKey[], expected: string, { input }: Checked): Problem {
  const received = valueAt(input, path);
  return received === undefined ? { path, kind: 'missing', expected } : { path, kind: 'value', expected, received };
}

/** @param others what would also have done: `an integer`. */
function optionProblem(
  path: readonly PropertyKey[],
  options: readonly unknown[],
  others: readonly string[],
  checked: Checked,
): Problem {
  const names = options.map(quoted);
  const choice = names.length > 1 ? [`one of ${listed(names)}`] : names;
  const problem = plainProblem(path, [...choice, ...others].join(' or '), checked);
  return { ...problem, options, ...meantBy(problem.received, options) };
}

/**
 * A union none of whose branches fits. Branches that refuse the value as a whole are put together (`one of 'on_input',
 * 'on_output' or true or false`); where some looked into it, the one with the right `type` and the fewest problems is
 * reported.
 */
function unionProblems(issue: Union, path: readonly PropertyKey[], checked: Checked): readonly Problem[] {
  if ('options' in issue && issue.options !== undefined) return [optionProblem(path, issue.options, [], checked)];
  const branches = issue.errors.map((errors) => errors.flatMap((inner) => problemsOf(inner, checked, path)));
  if (branches.length === 0) return [plainProblem(path, 'a value of exactly one of the allowed forms', checked)];
  const whole = branches.flatMap((problems) => problems.filter((problem) => problem.path.length === path.length));
  const inside = branches.filter((problems) => problems.every((problem) => problem.path.length > path.length));
  const tags = inside.map((problems) => problems.find((problem) => isTag(problem, path)));
  const [best] = inside.filter((_, i) => tags[i] === undefined).toSorted((a, b) => a.length - b.length);
  if (best !== undefined) return best;
  const wrongTags = tags.filter((tag) => tag !== undefined);
  return wrongTags.length > 0 ? [together([...path, 'type'], wrongTags, checked)] : [together(path, whole, checked)];
}

/** A wrong or missing `type` directly below a path. */
export function isTag({ path, kind }: Problem, above: readonly PropertyKey[]): boolean {
  return kind !== 'unknown-key' && path.length === above.length + 1 && path.at(-1) === 'type';
}

/** What any of several branches would have taken at one path. */
function together(path: readonly PropertyKey[], problems: readonly Problem[], checked: Checked): Problem {
  const options = problems.flatMap((problem) => problem.options ?? []);
  const others = problems.filter((problem) => problem.options === undefined).map(({ expected }) => expected);
  if (options.length === 0) return plainProblem(path, [...new Set(others)].join(' or '), checked);
  return optionProblem(path, [...new Set(options)], [...new Set(others)], checked);
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'an integer',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  null: 'null',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  never: 'nothing',
  nonoptional: 'a value',
};

function expectation(issue: Issue, path: readonly PropertyKey[], { schema, input }: Checked): string {
  const isCount = isInteger(schema, path, input);
  switch (issue.code) {
    case 'invalid_type':
      return isCount && issue.expected === 'number' ? 'an integer' : nameOf(issue.expected);
    case 'too_small':
    case 'too_big': {
      const [limit, exclusive, inclusive] =
        issue.code === 'too_small' ? [issue.minimum, 'over', 'of at least'] : [issue.maximum, 'below', 'of at most'];
      const exact = issue.exact === true || isTuple(schema, path, input);
      const bound = exact ? 'of exactly' : issue.inclusive === false ? exclusive : inclusive;
      return sized(isCount ? 'int' : issue.origin, bound, limit);
    }
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format === 'regex'
        ? `a text that matches ${issue.pattern ?? 'a pattern'}`
        : `a text: ${issue.format}`;
    default:
      return issue.message === 'Invalid input' ? 'a valid value' : issue.message;
  }
}

function nameOf(type: string): string {
  return TYPES[type] ?? `a value of type ${type}`;
}

function sized(origin: string, bound: string, limit: number | bigint): string {
  const counted = (one: string) => `${bound} ${limit} ${one}${Number(limit) === 1 ? '' : 's'}`;
  if (origin === 'array' || origin === 'set') return `a list ${counted('item')}`;
  if (origin === 'string') return `a text ${counted('character')}`;
  if (origin === 'object' || origin === 'map') return `an object ${counted('key')}`;
  return `${nameOf(origin)} ${bound} ${limit}`;
}

/** A slip of the pen, or an abbreviation: `iou_thr` for `iou_threshold`. */
function meantBy(given: unknown, options: readonly unknown[]): { readonly meant?: string } {
  if (typeof given !== 'string') return {};
  const names = options.filter((option) => typeof option === 'string');
  const longer = given.length < 3 ? undefined : names.find((name) => name.startsWith(given));
  const meant = nearestName(given, names) ?? longer;
  return meant === undefined ? {} : { meant };
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}
