/** Loads one model in a process of its own and says what that took: `loading_child.ts CONFIG CHECKPOINT`. */
import { writeFileSync } from 'node:fs';
// Beforehand: a detector opens two engines at once, and jiti gives a module that is asked for twice meanwhile half-made.
import '../engines/onnxruntime/engine.js';
import { loadModel } from '../models/load_model.js';

const [, , config = '', checkpoint = ''] = process.argv;
forgetPeak();
const before = process.memoryUsage.rss();
const start = performance.now();
const model = await loadModel(config, { checkpoint });
const milliseconds = performance.now() - start;
const after = process.memoryUsage.rss();
const peak = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ before, peak, after, milliseconds }));
await model[Symbol.asyncDispose]();

/** Linux: what compiling these sources took at its height must not count. Elsewhere it does, and the figure is an upper bound. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // No such file outside Linux.
  }
}
