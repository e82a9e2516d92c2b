/**
 * WebAssembly has 4 GiB. Beyond them TensorFlow.js 4.22 writes on, at address 0, and tells failures inside XNNPACK to the
 * console alone: either way a wrong number would look like any other.
 */
import { LowformerError } from '../../core/errors.js';

/** Runs `start` and collects what the module that it starts prints from then on, instead of showing it. */
export async function collectingPrints(start: () => Promise<void>): Promise<string[]> {
  const printed: string[] = [];
  const { log, warn } = console;
  const collect = (...words: readonly unknown[]) => void printed.push(words.join(' '));
  // The module binds the console's functions while it starts.
  console.log = collect;
  console.warn = collect;
  try {
    await start();
  } finally {
    console.log = log;
    console.warn = warn;
  }
  return printed;
}

/** The kernels that failed, of all that was printed, which is forgotten. */
export function takeFailures(printed: string[]): readonly string[] {
  return printed.splice(0).filter((line) => line.startsWith('XNN status'));
}

interface WasmModule {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** Makes an allocation that fails throw. @param backend TensorFlow.js's backend `wasm`, started. */
export function refuseFailedAllocations(backend: object): void {
  const module = 'wasm' in backend ? backend.wasm : undefined;
  if (!isWasmModule(module)) {
    const expected = 'the backend wasm of TensorFlow.js 4.22';
    throw new LowformerError({ code: 'missing-package', where: 'tfjs', expected });
  }
  // The first call puts the real function in this one's place.
  module._free(module._malloc(8));
  const allocate = module._malloc;
  module._malloc = (bytes) => {
    const address = allocate(bytes);
    if (address === 0 && bytes > 0)
      throw new RangeError(`out of memory: no ${bytes} bytes left of WebAssembly's 4 GiB`);
    return address;
  };
}

function isWasmModule(module: unknown): module is WasmModule {
  return typeof module === 'object' && module !== null && '_malloc' in module && '_free' in module;
}
