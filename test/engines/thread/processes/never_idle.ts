/** A program: ends while a thread of an engine is in native code that does not return. */
import { Worker } from 'node:worker_threads';
import { busyFlag } from '../../../../engines/thread/busy_threads.js';

const flag = busyFlag({ silent: 200, longest: 1000 });
// A process that is waited for synchronously: no thread is stopped in it.
const program = "require('node:child_process').spawnSync('sleep', ['4'])";
const worker = new Worker(program, { eval: true });
await new Promise((resolve) => worker.once('online', resolve));
flag.start();
setTimeout(() => process.exit(3), 300);
