/** A program: tries every device but those that are named, and tells the process that started it. */
import { tryDevices } from './try_devices.js';

// A thread that a driver holds would keep this process for ever when nobody waits for it any more.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
await tryDevices(process.argv.slice(2), (message) => void process.send?.(message));
process.removeAllListeners('disconnect');
process.disconnect?.();
