/** A program: tries every device, and sends what came of it to the process that started it. */
import { tryDevices } from './try_devices.js';

process.send?.(await tryDevices());
process.disconnect?.();
