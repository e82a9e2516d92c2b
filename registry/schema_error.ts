/** One readable error out of everything that zod finds wrong with a part of a config. */
import type { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { configPath, DEFAULT_ORIGIN, OVERRIDE_ORIGIN } from './config_tree.js';
import { isTag, type Problem, problemsOf } from './schema_issue.js';

export interface CheckedPart {
  /** Where the part stands in the config: `model.neck`. */
  readonly path: string;
  /** Of a list whose items stand elsewhere in the config: their places. */
  readonly items?: readonly string[] | undefined;
  /** The part itself, as it was given to the schema. */
  readonly input: unknown;
  /** The schema: it is asked for the nearest valid name of an unknown key. */
  readonly schema?: z.ZodType;
  /** The file, or other origin, of a config path. */
  readonly originOf?: (path: string) => string | undefined;
}

/** Paths listed of the problems that are not told in full. */
const PATHS_SHOWN = 8;

/**
 * The most telling problem in full (a wrong `type`, then a misspelt key, a wrong value, an unknown key, a missing key),
 * the others by their paths. Of a union, the branch that fits best is reported. Messages that a schema brings itself
 * stand for what was expected: `{ error: 'expected no zero' }`.
 */
export function schemaError(error: z.ZodError, { path, items, originOf, ...checked }: CheckedPart): LowformerError {
  const problems = withoutMeant(error.issues.flatMap((issue) => problemsOf(issue, checked)));
  const [first, ...others] = problems.toSorted((a, b) => rank(a) - rank(b));
  if (first === undefined) {
    return new LowformerError({ code: 'invalid-config', where: path, expected: 'a valid value', cause: error });
  }
  const full = (problem: Problem) => {
    const item = items?.[Number(problem.path[0])];
    if (item !== undefined) return configPath([item, ...problem.path.slice(1)]);
    return configPath([...(path === '' ? [] : [path]), ...problem.path]);
  };
  const where = full(first);
  const more = [...new Set(others.map(full))].filter((other) => other !== where);
  const hints = [
    ...(first.meant === undefined ? [] : [`Did you mean '${first.meant}'?`]),
    ...originHint(originOf?.(where), first.kind === 'missing'),
    ...(more.length === 0 ? [] : [moreHint(more)]),
  ];
  return new LowformerError({
    code: 'invalid-config',
    where,
    expected: first.kind === 'missing' ? `${first.expected}, but the key is missing` : first.expected,
    ...(first.received === undefined ? {} : { received: first.received }),
    ...(hints.length === 0 ? {} : { hint: hints.join(' ') }),
    cause: error,
  });
}

/** A key that is missing because it is misspelt is one problem, not two. */
function withoutMeant(problems: readonly Problem[]): readonly Problem[] {
  const misspelt = problems.flatMap(({ kind, path, meant }) =>
    kind === 'unknown-key' && meant !== undefined ? [configPath([...path.slice(0, -1), meant])] : [],
  );
  return problems.filter(({ kind, path }) => kind !== 'missing' || !misspelt.includes(configPath(path)));
}

function rank(problem: Problem): number {
  if (isTag(problem, problem.path.slice(0, -1))) return 0;
  if (problem.kind === 'unknown-key') return problem.meant === undefined ? 3 : 1;
  return problem.kind === 'value' ? 2 : 4;
}

function originHint(origin: string | undefined, missing: boolean): readonly string[] {
  if (origin === undefined || origin === DEFAULT_ORIGIN) return [];
  const place = origin === OVERRIDE_ORIGIN ? `by ${origin}` : `in ${origin}`;
  return [missing ? `What it belongs to is set ${place}.` : `Set ${place}.`];
}

function moreHint(paths: readonly string[]): string {
  const shown = paths.slice(0, PATHS_SHOWN).join(', ');
  return `And ${paths.length} more: ${shown}${paths.length > PATHS_SHOWN ? ', ...' : ''}.`;
}
