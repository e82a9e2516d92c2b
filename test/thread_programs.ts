/**
 * The programs of threads, compiled once for all tests. From sources each thread would load TypeScript by itself, and take half a
 * second of processor time to start where built code takes a twentieth. `engines/onnxruntime/processes` keeps the other way.
 */
import { writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { isAbsolute, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'vite';
import manifest from '../package.json' with { type: 'json' };
import { ROOT } from './workspace.js';

/** As in the built package, whose folders these mirror; below the packages that they import. */
const BUILT = join(ROOT, 'node_modules/.cache/thread_programs');

const PROGRAMS = [
  'engines/onnxruntime/onnxruntime_worker',
  'engines/onnxruntime/device_probe',
  'engines/openvino/openvino_worker',
  'engines/tfjs/tfjs_worker',
  'training/loading/loading_worker',
];

/** Modules that start them, from where they are, and the one that asks whether it runs from sources. */
const STARTING = [
  'engines/onnxruntime/thread.ts',
  'engines/onnxruntime/devices.ts',
  'engines/openvino/thread.ts',
  'engines/tfjs/thread.ts',
  'engines/thread/own_program.ts',
  'training/loading/loader.ts',
];

/** What cannot be loaded would leave its work to the calling thread, with no more than a warning. */
function checkImports(file: { readonly fileName: string; readonly imports?: readonly string[] }): void {
  const named = file.imports?.filter((name) => !name.startsWith('.') && !isAbsolute(name) && !isBuiltin(name)) ?? [];
  for (const name of named.filter((each) => !/\.js$/.test(each))) {
    if (Object.hasOwn(manifest.dependencies, name)) continue;
    throw new Error(`${file.fileName} imports ${name}, which package.json does not name`);
  }
}

/** Those modules take themselves for built ones. */
export function threadPrograms(): Plugin {
  return {
    name: 'thread programs',
    enforce: 'pre',
    transform(code, id) {
      const path = relative(ROOT, id).replaceAll('\\', '/');
      if (!STARTING.includes(path)) return undefined;
      const { href } = pathToFileURL(join(BUILT, path.replace(/\.ts$/, '.js')));
      return { code: code.replaceAll('import.meta.url', JSON.stringify(href)), map: null };
    },
  };
}

/** Before the first test. What another run has built there is the same, and stays. */
export async function setup(): Promise<void> {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      ssr: true,
      target: 'node20',
      outDir: BUILT,
      emptyOutDir: false,
      rolldownOptions: {
        input: PROGRAMS.map((name) => join(ROOT, `${name}.ts`)),
        // Packages stay where they are; what the compiler itself adds (of `using`) comes along.
        external: (name, from) =>
          from !== undefined && !name.startsWith('.') && !isAbsolute(name) && !/^\0|^@oxc-project\/runtime/.test(name),
        output: { preserveModules: true, preserveModulesRoot: ROOT, entryFileNames: '[name].js' },
      },
    },
  });
  for (const bundle of [built].flat()) if ('output' in bundle) bundle.output.forEach(checkImports);
  writeFileSync(join(BUILT, 'package.json'), JSON.stringify({ type: 'module' }));
}
