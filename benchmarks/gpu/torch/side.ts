/** A process of Python with PyTorch, which is asked line by line; torch_side.py says what. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const answerSchema = z.union([z.strictObject({ ok: z.unknown() }), z.strictObject({ error: z.string() })]);

export interface TorchSide extends Disposable {
  /**
   * @throws {Error} what Python says in one line; that no answer came within `seconds`, or that the process ended: then another
   *   one has to be started.
   */
  ask<Schema extends z.ZodType>(asked: Asked, schema: Schema, seconds: number): Promise<z.output<Schema>>;
  readonly ended: boolean;
}

export type Asked = { readonly do: string } & Readonly<Record<string, unknown>>;

/** @param folder where PyTorch's compiler keeps what it makes. */
export function startTorch(python: string, program: string, folder: string): TorchSide {
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    TORCHINDUCTOR_CACHE_DIR: folder,
    TRITON_CACHE_DIR: folder,
    CUDA_CACHE_PATH: folder,
  };
  // In this process's group: it is killed with it.
  const child: ChildProcessWithoutNullStreams = spawn(python, [program], { env });
  let said = '';
  let ended: string | undefined;
  let waiting: { readonly answer: (line: string) => void; readonly fail: (reason: string) => void } | undefined;
  const end = (reason: string) => {
    ended ??= reason;
    waiting?.fail(ended);
  };
  child.stderr.on('data', (piece) => {
    said = (said + String(piece)).slice(-2000);
  });
  child.stdin.on('error', () => {});
  child.once('error', ({ message }) => end(message));
  child.once('close', (code, signal) => end(`${python} ended (${signal ?? code}): ${said.trim().split('\n').at(-1)}`));
  createInterface({ input: child.stdout }).on('line', (line) => waiting?.answer(line));

  return {
    get ended() {
      return ended !== undefined;
    },
    async ask(asked, schema, seconds) {
      if (ended !== undefined) throw new Error(ended);
      const line = await new Promise<string>((resolve, reject) => {
        const timer = setTimeout(() => {
          child.kill('SIGKILL');
          end(`no answer within ${Math.round(seconds)} s`);
        }, 1000 * seconds);
        const settled = () => {
          clearTimeout(timer);
          waiting = undefined;
        };
        waiting = {
          answer(text) {
            settled();
            resolve(text);
          },
          fail(reason) {
            settled();
            reject(new Error(reason));
          },
        };
        child.stdin.write(`${JSON.stringify(asked)}\n`);
      });
      const answer = answerSchema.parse(JSON.parse(line));
      if ('error' in answer) throw new Error(answer.error);
      return schema.parse(answer.ok);
    },
    [Symbol.dispose]() {
      ended ??= 'disposed';
      child.kill('SIGKILL');
    },
  };
}
