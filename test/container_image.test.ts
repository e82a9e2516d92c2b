/** What a container is made of and may do: the image is built where Docker is; here its files are held to what they promise. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { COMMANDS, loadCommand } from '../tools/command_table.js';
import { execForm, isSeen, readStages } from './dockerfile.js';
import { ROOT } from './workspace.js';

const stages = readStages();
const final = stages.at(-1) ?? expect.fail('no stages');
const all = (name: string) => final.instructions.filter((instruction) => instruction.name === name);
const only = (name: string) => {
  expect(all(name), name).toHaveLength(1);
  return all(name)[0]?.value ?? '';
};

/** Every `--option` of `lowformer ARGUMENTS` is one of the command's. */
async function expectCommand(words: readonly string[]): Promise<void> {
  const [name = '', ...rest] = words;
  const entry = COMMANDS[name] ?? expect.fail(`no command ${name}`);
  const known = (await loadCommand(entry, new AbortController().signal)).options.map(({ long }) => long);
  for (const word of rest.filter((one) => one.startsWith('--'))) expect(known).toContain(word);
}

describe('Dockerfile', () => {
  test('every stage has the same base, pinned, slim, with a Node that the package allows', () => {
    const bases = new Set(stages.map(({ base }) => base));
    expect(bases.size).toBe(1);
    const [, major = '0'] = /^node:(\d+)\.\d+\.\d+-bookworm-slim$/.exec([...bases].join()) ?? [];
    expect(Number(major)).toBeGreaterThanOrEqual(20);
  });

  test('what is copied is there, and the build sees it', () => {
    const names = stages.map(({ name }) => name);
    for (const [i, { instructions }] of stages.entries()) {
      for (const { value, flags } of instructions.filter(({ name }) => name === 'COPY')) {
        const sources = value.split(/\s+/).slice(0, -1);
        expect(sources.length).toBeGreaterThan(0);
        if (flags.from !== undefined) expect(names.slice(0, i)).toContain(flags.from);
        else
          for (const source of sources)
            expect([source, existsSync(join(ROOT, source)), isSeen(source)]).toEqual([source, true, true]);
      }
    }
    const outside = ['.git', 'node_modules', 'test', 'docs', 'dist', 'test/devices/.cache/python'];
    expect(outside.filter(isSeen)).toEqual([]);
  });

  test('the build sees all that is compiled', () => {
    const { include } = z
      .object({ include: z.array(z.string()) })
      .parse(JSON.parse(readFileSync(join(ROOT, 'tsconfig.build.json'), 'utf8')));
    expect(include.filter((path) => !isSeen(path))).toEqual([]);
  });

  test('it runs without a shell, as nobody’s user, and asks /healthz', () => {
    expect(only('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const names = final.instructions.map(({ name }) => name);
    expect(names.lastIndexOf('RUN')).toBeLessThan(names.indexOf('USER'));
    expect(names.lastIndexOf('COPY')).toBeLessThan(names.indexOf('USER'));
    expect(execForm(only('ENTRYPOINT'))).toEqual(['lowformer']);
    const check = only('HEALTHCHECK').replace(/^(?:--\S+\s+)*CMD\s+/, '');
    expect(execForm(check).join(' ')).toContain(`:${only('EXPOSE')}/healthz`);
    expect(
      stages.flatMap(({ instructions }) => instructions).filter(({ name }) => ['ADD', 'MAINTAINER'].includes(name)),
    ).toEqual([]);
  });

  test('what it does by itself is serve', async () => {
    const words = execForm(only('CMD'));
    expect(words[0]).toBe('serve');
    await expectCommand(words);
  });
});

const serviceSchema = z.object({
  image: z.string(),
  command: z.array(z.string()),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  tmpfs: z.array(z.string()).min(1),
  user: z.string().optional(),
  privileged: z.never().optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()),
  healthcheck: z.object({ disable: z.boolean().optional() }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  deploy: z.object({ replicas: z.int() }).optional(),
});

describe('compose.yaml', () => {
  const text = readFileSync(join(ROOT, 'compose.yaml'), 'utf8');
  const { services, volumes } = z
    .object({ services: z.record(z.string(), serviceSchema), volumes: z.record(z.string(), z.null()) })
    .parse(parse(text, { merge: true }));
  const named = (name: string) => services[name] ?? expect.fail(`no service ${name}`);

  test('a server, a Redis and two workers, each without rights on a read-only file system', () => {
    expect(Object.keys(services)).toEqual(['serve', 'redis', 'worker']);
    expect(named('worker').deploy?.replicas).toBe(2);
    expect(named('redis').user).toMatch(/^[1-9]/);
    expect(Object.values(services).map(({ ports }) => ports ?? [])).toEqual([['127.0.0.1:8080:8080'], [], []]);
  });

  test('Redis keeps what it is given', () => {
    expect(named('redis').image).toMatch(/^redis:7\.\d/);
    expect(named('redis').command.join(' ')).toBe('redis-server --appendonly yes --maxmemory-policy noeviction');
  });

  test('commands are commands, pictures are mounted to be read, and what is named is there', async () => {
    await expectCommand(named('serve').command);
    await expectCommand(named('worker').command);
    expect(named('worker').command.at(-1)).toBe('redis://redis');
    expect(named('worker').depends_on).toEqual({ redis: { condition: 'service_healthy' } });
    for (const name of ['serve', 'worker']) expect(named(name).volumes).toEqual([expect.stringMatching(/:\/data:ro$/)]);
    for (const volume of named('redis').volumes) expect(Object.keys(volumes)).toContain(volume.split(':')[0]);
  });
});
