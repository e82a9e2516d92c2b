/** A program that does its work once for every line that it is sent, and waits in between: the other side of a comparison. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { z } from 'zod';

export interface AskedProgram<Answer> extends AsyncDisposable {
  readonly ask: () => Promise<Answer>;
}

/**
 * @param settings its first line, as JSON. Every line after it asks for an answer, a line of JSON.
 * @throws {Error} of `ask` when the program ended before.
 */
export function startProgram<Schema extends z.ZodType>(
  program: string,
  args: readonly string[],
  settings: object,
  schema: Schema,
): AskedProgram<z.output<Schema>> {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    // PyTorch's threads sleep between two answers: they would spin on the processors of the other side.
    env: { ...process.env, OMP_WAIT_POLICY: 'passive' },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdin.write(`${JSON.stringify(settings)}\n`);
  return {
    async ask() {
      child.stdin.write('next\n');
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`${program} ended before its answer`);
        // What a library writes to the console is not the answer.
        if (value.startsWith('{')) return schema.parse(JSON.parse(value));
      }
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
