import { checkWritable, writeWhole } from '../files/atomic_write.js';
import { formatJson } from '../files/format_json.js';

/** @throws {LowformerError} `unwritable-file` when `writeJson` could not write there; known before the work is done. */
export async function checkJsonTarget(target: string | undefined): Promise<void> {
  if (target !== undefined && target !== '-') await checkWritable(target);
}

/** Writes JSON to a file, whole or not at all, or to stdout for `-`. */
export async function writeJson(target: string, value: unknown): Promise<void> {
  const text = `${formatJson(value)}\n`;
  if (target === '-') await writeStdout(text);
  else await writeWhole(target, async (file) => void (await file.writeFile(text)));
}

/** Waits until stdout has taken the text: a process that ends earlier would cut a pipe's data off. */
export async function writeStdout(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      // A reader that has seen enough (`| head`) is no fault.
      if (error === undefined || error === null || ('code' in error && error.code === 'EPIPE')) resolve();
      else reject(error);
    });
  });
}
