/** Prints the peak memory of loading a large model, over what a small one needs, as a multiple of its weights. */
import { createEngine } from '../../../../engines/index.js';
import { chain, fixture, ramp } from '../../models.js';

{
  const engine = await createEngine('onnxruntime', fixture('conv'), { device: 'cpu' });
  await engine[Symbol.asyncDispose]();
}
const model = chain(48);
const before = process.memoryUsage.rss();
const start = performance.now();
const engine = await createEngine('onnxruntime', model, { device: 'cpu' });
const milliseconds = performance.now() - start;
await engine.run({ input: ramp([1, 3, 8, 8]) });
const peak = process.resourceUsage().maxRSS * 1024 - before;
await engine[Symbol.asyncDispose]();
console.log(JSON.stringify({ multiple: peak / model.weightBytes, milliseconds }));
