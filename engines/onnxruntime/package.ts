import type { Installed } from '../define_engine.js';
import { ownRequire } from '../optional_packages.js';
import { reasonOf } from '../reason.js';
import { WorkerFailure } from '../thread/channel.js';

/**
 * The native runtime. This is the only place that names the package, so that the rest of the project works without it.
 * @throws {WorkerFailure} `missing-package` when it is not installed or has no binary for this machine.
 */
export async function importOnnxruntime(): Promise<typeof import('onnxruntime-node')> {
  try {
    const { default: onnxruntime } = await import('onnxruntime-node');
    // Whatever is logged as an error is thrown as well: the message reaches the user once.
    onnxruntime.env.logLevel = 'fatal';
    return onnxruntime;
  } catch (cause) {
    throw new WorkerFailure({
      code: 'missing-package',
      where: 'onnxruntime',
      expected: `the package onnxruntime-node with a binary for ${process.platform} ${process.arch}`,
      hint: `Install it with: npm install onnxruntime-node@1.30.0 --ignore-scripts (${reasonOf(cause)})`,
    });
  }
}

/** Without loading it. Where a bundler has moved the package its version stays unknown, and loading tells whether it is there. */
export function onnxruntimeInstalled(): Installed {
  try {
    const facts: unknown = ownRequire()('onnxruntime-node/package.json');
    if (typeof facts === 'object' && facts !== null && 'version' in facts) return { version: String(facts.version) };
  } catch {
    // As said.
  }
  return { version: 'unknown' };
}
