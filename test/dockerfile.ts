/** A Dockerfile as data: what of its language is used here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './workspace.js';

export interface Instruction {
  readonly name: string;
  /** What stands behind the name and the flags, lines joined and arguments of the file put in. */
  readonly value: string;
  /** `--from=build` as `from`. */
  readonly flags: Readonly<Record<string, string>>;
}

export interface Stage {
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

const wordsSchema = z.array(z.string());

/** The words of the form that no shell reads: `["node", "a.js"]`. */
export function execForm(value: string): readonly string[] {
  return wordsSchema.parse(JSON.parse(value));
}

export const readStages = (): readonly Stage[] => stagesOf(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));

function stagesOf(text: string): readonly Stage[] {
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const given = new Map<string, string>();
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    const put = rest.replace(/\$\{(\w+)\}/g, (whole, key: string) => given.get(key) ?? whole);
    const flags = Object.fromEntries(
      [...put.matchAll(/(?:^|(?<=^(?:--\S+ )*))--([\w-]+)=(\S+) /g)].map(([, key = '', value = '']) => [key, value]),
    );
    const value = put.replace(/^(?:--\S+ )*/, '');
    if (name === 'ARG' && stages.length === 0) {
      const [key = '', content = ''] = value.split('=');
      given.set(key, content);
    } else if (name === 'FROM') {
      const [base = '', , own] = value.split(/\s+/);
      stages.push({ base, name: own, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push({ name, value, flags });
    }
  }
  return stages;
}

/** Whether the build sees a path of the repository, by the lines of `.dockerignore`: names at the top, and endings. */
export function isSeen(path: string): boolean {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return !lines.some((line) =>
    line.startsWith('**/*')
      ? path.endsWith(line.slice(4))
      : line.endsWith('*')
        ? path.startsWith(line.slice(0, -1))
        : path === line || path.startsWith(`${line}/`),
  );
}
