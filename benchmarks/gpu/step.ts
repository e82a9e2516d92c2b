/** A program: runs one step, and sends its rows to the process that started it. `step.js NAME SECONDS [short]`. */
import { reasonOf } from '../../engines/reason.js';
import { NotHere } from './not_here.js';
import type { Message } from './record.js';
import { STEPS } from './steps.js';

const [name, seconds, form] = process.argv.slice(2);
const step = STEPS.find((one) => one.name === name);
const send = (message: Message) =>
  new Promise<void>((resolve) => process.send?.(message, () => resolve()) ?? resolve());

if (step === undefined) throw new RangeError(`no step ${name}`);
// What it has measured by then is sent; what does not heed the signal is killed a little later.
const signal = AbortSignal.timeout(Math.max(0, Math.round(1000 * Number(seconds))));
try {
  await step.run({ short: form === 'short', signal, emit: (row) => void send({ kind: 'row', row }) });
} catch (error) {
  const kind = error instanceof NotHere ? 'missing' : 'failure';
  await send({ kind, reason: signal.aborted ? 'its time was up' : reasonOf(error) });
}
process.disconnect?.();
// A driver's own threads must not hold the process.
process.exit(0);
