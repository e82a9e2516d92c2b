/**
 * Runs ONNX files through the built engine, in one process: plain JavaScript, because it is slow to compile TypeScript
 * under an emulator. `run_models.js JOB.json` with `{input, devices, runs: [{model, fastMath, outputs}]}`, all of them
 * paths but `fastMath`; prints the processor's architecture and what `doctor` would of its devices.
 */
import { readFileSync } from 'node:fs';
import { createEngine, inspectDevices, onnxModel } from '../../../dist/engines/index.js';
import { readSafetensors, writeSafetensors } from '../../../dist/weights/safetensors.js';

const { input: inputFile, runs } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const inputs = await readSafetensors(inputFile);
for (const { model, fastMath, outputs } of runs) {
  const options = { device: 'cpu', threads: 1, fastMath };
  const engine = await createEngine('onnxruntime', onnxModel(readFileSync(model)), options);
  await writeSafetensors(outputs, await engine.run(inputs));
  await engine[Symbol.asyncDispose]();
}
const { platform, devices } = await inspectDevices();
process.stdout.write(JSON.stringify({ platform, devices }));
