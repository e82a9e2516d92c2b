/** Leaves an engine undisposed; `exit` ends the process while a network runs, `throw` while it loads. */
import { createEngine } from '../../../../engines/index.js';
import { chain, fixture, ramp } from '../../models.js';

const cpu = { device: 'cpu', threads: 1 };
const engine = await createEngine('onnxruntime', fixture('slow'), cpu);
await engine.run({ input: ramp([1, 3, 8, 8]) });
const [, , way] = process.argv;
if (way === 'exit') {
  engine.run({ input: ramp([1, 3, 256, 256]) });
  setTimeout(() => process.exit(7), 20);
}
if (way === 'throw') {
  const model = chain(48);
  createEngine(
    'onnxruntime',
    {
      byteLength: model.byteLength,
      *chunks() {
        for (const [i, chunk] of [...model.chunks()].entries()) {
          if (i === 20) setImmediate(() => process.exit(8));
          yield chunk;
        }
      },
    },
    cpu,
  );
}
console.log('done');
