import { extname } from 'node:path';
import type { OnnxruntimeAnswer, OnnxruntimeRequest } from './onnxruntime_protocol.js';
import { answerOfKind } from './worker_answers.js';
import { type WorkerCalls, workerCalls } from './worker_calls.js';

export type OnnxruntimeCalls = WorkerCalls<OnnxruntimeRequest, OnnxruntimeAnswer>;

/**
 * Starts the thread that holds the runtime.
 *
 * A worker is a program of its own: whatever loader made this module run does not reach into it. Built code starts
 * built code; from TypeScript sources (the tests) the thread gets the loader that the project ships for `.ts` configs.
 */
export function startOnnxruntimeThread(): OnnxruntimeCalls {
  // Official builds for Linux and macOS report models and their use to Microsoft, and keep an identifier of
  // the machine on disk, unless told not to before they are loaded. A worker's own environment does not reach native code.
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  const extension = extname(new URL(import.meta.url).pathname);
  const program = new URL(`./onnxruntime_worker${extension}`, import.meta.url);
  const options = extension === '.ts' ? { execArgv: ['--import', import.meta.resolve('jiti/register')] } : {};
  return workerCalls('onnxruntime', program, options);
}

/** The answer, which is of the kind that the request asks for. */
export function ask<Kind extends OnnxruntimeAnswer['kind']>(kind: Kind, answer: Promise<OnnxruntimeAnswer>) {
  return answerOfKind('onnxruntime', kind, answer);
}
