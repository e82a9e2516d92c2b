import { execFileSync } from 'node:child_process';

/** A Python for checks that only a reference library can make; named by LOWFORMER_PYTHON where it is another. */
export const PYTHON = process.env.LOWFORMER_PYTHON ?? '/usr/bin/python3';

/** Whether it has a package, which need not run: `ultralytics`. */
export function hasPythonDistribution(name: string): boolean {
  try {
    execFileSync(PYTHON, ['-c', `import importlib.metadata; importlib.metadata.version('${name}')`], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

/** Whether it can import a module: `onnx`. */
export function hasPythonPackage(module: string): boolean {
  try {
    execFileSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
