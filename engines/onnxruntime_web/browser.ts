/** What this engine asks of a browser, in types of its own: the rest of the project is compiled without a browser's. */
import { LowformerError } from '../../core/errors.js';

export interface Browser {
  readonly navigator: {
    readonly hardwareConcurrency: number;
    /** Some browsers lack it altogether. */
    readonly gpu?: Gpu;
  };
  /** From https:// or localhost. */
  readonly isSecureContext: boolean;
  /** Memory may be shared between threads. */
  readonly crossOriginIsolated: boolean;
}

interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

interface GpuAdapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly description: string;
    readonly isFallbackAdapter: boolean;
  };
}

/** The page or the worker that this runs in. @throws {LowformerError} `unavailable-device` outside a browser. */
export function browser(): Browser {
  const here: object = globalThis;
  if (isBrowser(here)) return here;
  throw new LowformerError({ code: 'unavailable-device', where: 'onnxruntime-web', expected: 'a browser' });
}

function isBrowser(here: object): here is Browser {
  return 'navigator' in here && 'isSecureContext' in here && 'crossOriginIsolated' in here;
}
