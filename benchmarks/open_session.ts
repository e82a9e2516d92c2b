import type { InferenceSession } from 'onnxruntime-node';
import { type Tensor, tensor } from '../core/tensor.js';
import { importOnnxruntime } from '../engines/onnxruntime/package.js';
import { sessionOptions } from '../engines/onnxruntime/session_options.js';
import { threadLimit } from '../engines/thread/threads.js';

/** A model in a session of this process, as the engine would set it up. */
export interface Session {
  /** Outputs in the order of the model. */
  run(input: Tensor): Promise<readonly Tensor[]>;
  release(): Promise<void>;
}

/** @param model an ONNX file with one input, `input`: its bytes, or where it lies. */
export async function openSession(model: Uint8Array | string): Promise<Session> {
  const runtime = await importOnnxruntime();
  const options = sessionOptions({ device: 'cpu', threads: threadLimit().threads, fastMath: false });
  const { InferenceSession: sessions } = runtime;
  const session: InferenceSession =
    typeof model === 'string' ? await sessions.create(model, options) : await sessions.create(model, options);
  return {
    async run({ shape: dims, data }) {
      const outputs = await session.run({ input: new runtime.Tensor('float32', data, dims) });
      return session.outputNames.map((name) => {
        const output = outputs[name];
        if (!(output?.data instanceof Float32Array)) throw new Error(`${name} is no float32`);
        return tensor(output.dims, output.data);
      });
    },
    release: () => session.release(),
  };
}
