import { createRequire } from 'node:module';
import { LowformerError } from '../core/errors.js';
import { harmless, harmlessLines } from '../core/harmless.js';
import type { Log, Progress } from '../core/log.js';

/**
 * stderr, for messages and progress; stdout carries data alone. A bar where stderr is a terminal, plain lines elsewhere.
 * @param quiet drops what `say` and `progress` say.
 */
export function createConsole(quiet: boolean): Log {
  const write = (text: string) => void process.stderr.write(`${harmlessLines(text)}\n`);
  const say = quiet ? () => {} : write;
  return {
    say,
    warn: write,
    progress(total, unit, wanted = 'some', done = 0) {
      if (quiet || total === 0) return { timed: true, done: () => {}, stop: () => {} };
      const secondsApart = wanted === 'each' ? 0 : SECONDS_APART;
      return process.stderr.isTTY ? bar(total, unit, done) : lines({ total, before: done, secondsApart }, say);
    },
  };
}

const require = createRequire(import.meta.url);

function bar(total: number, unit: string, before: number): Progress {
  // Only a terminal has a bar, and the caller waits for nothing.
  const { SingleBar }: typeof import('cli-progress') = require('cli-progress');
  const format = `{bar} {value}/{total} ${unit} | {rate}/s | {eta_formatted} left | {line}`;
  const single = new SingleBar({ format, hideCursor: true, barsize: 24, stream: process.stderr, etaBuffer: 20 });
  const start = performance.now();
  let value = 0;
  single.start(total, before, { rate: '–', line: '' });
  return {
    timed: true,
    done(line) {
      value++;
      const rate = ((value * 1000) / (performance.now() - start)).toFixed(1);
      single.increment(1, { rate, line: harmless(line) });
    },
    stop: () => single.stop(),
  };
}

/** Lines that only say that something goes on. */
const SECONDS_APART = 5;

interface LineOptions {
  readonly total: number;
  /** Done before the first line. */
  readonly before: number;
  readonly secondsApart: number;
}

function lines({ total, before, secondsApart }: LineOptions, say: (line: string) => void): Progress {
  let value = before;
  let last = Number.NEGATIVE_INFINITY;
  return {
    timed: false,
    done(line) {
      value++;
      const now = performance.now();
      if (value < total && now - last < secondsApart * 1000) return;
      last = now;
      say(`[${value}/${total}] ${line}`);
    },
    stop: () => {},
  };
}

/** Exit codes of every command: 0 done, 2 a user's mistake, 1 a fault of ours. */
export const EXIT = { done: 0, fault: 1, mistake: 2 } as const;

/** Says what went wrong, once, and gives the exit code: a mistake's message alone, a fault with its stack. */
export function reportError(error: unknown): number {
  if (error instanceof LowformerError) {
    process.stderr.write(`lowformer: ${error.commandMessage}\n`);
    return error.code === 'engine-failure' ? EXIT.fault : EXIT.mistake;
  }
  process.stderr.write(`lowformer: an unexpected fault, which is ours: please report it.\n`);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.fault;
}
