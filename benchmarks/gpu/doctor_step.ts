/** A program: tries every device of ONNX Runtime, as `lowformer doctor` does, and sends a row for each. `doctor_step.js PATIENCE`. */
import { inspectDevices } from '../../engines/index.js';
import { reasonOf } from '../../engines/reason.js';
import type { Message } from './record.js';

const send = (message: Message) =>
  new Promise<void>((resolve) => process.send?.(message, () => resolve()) ?? resolve());

try {
  const { devices } = await inspectDevices({ patience: Number(process.argv[2]) });
  for (const { name, available, reason } of devices) {
    await send({ kind: 'row', row: { device: name, here: available, ...(reason === undefined ? {} : { reason }) } });
  }
} catch (error) {
  await send({ kind: 'failure', reason: reasonOf(error) });
}
process.disconnect?.();
process.exit(0);
