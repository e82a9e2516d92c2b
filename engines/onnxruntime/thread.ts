import { ownProgram } from '../thread/own_program.js';
import { answerOfKind } from '../thread/worker_answers.js';
import { type WorkerCalls, workerCalls } from '../thread/worker_calls.js';
import type { OnnxruntimeAnswer, OnnxruntimeRequest } from './protocol.js';

export type OnnxruntimeCalls = WorkerCalls<OnnxruntimeRequest, OnnxruntimeAnswer>;

/** Starts the thread that holds the runtime. */
export function startOnnxruntimeThread(): OnnxruntimeCalls {
  // Official builds for Linux and macOS report models and their use to Microsoft, and keep an identifier of
  // the machine on disk, unless told not to before they are loaded. A worker's own environment does not reach native code.
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  const { program, ...options } = ownProgram(new URL('./worker.js', import.meta.url));
  return workerCalls('onnxruntime', program, options);
}

/** The answer, which is of the kind that the request asks for. */
export function ask<Kind extends OnnxruntimeAnswer['kind']>(kind: Kind, answer: Promise<OnnxruntimeAnswer>) {
  return answerOfKind('onnxruntime', kind, answer);
}
