/** `wasm` is the processor. */
export type WebDevice = 'webgpu' | 'wasm';

export interface WebDevices {
  /** The graphics processor, where the browser hands it out. */
  readonly webgpu:
    | {
        readonly available: true;
        readonly name: string;
        /** Computed on the processor, by a driver in software. */
        readonly software: boolean;
      }
    | { readonly available: false; readonly reason: string };
  readonly wasm: {
    readonly threads: number;
    /** Why it is one thread, where the machine has more. */
    readonly reason: string | undefined;
  };
}
