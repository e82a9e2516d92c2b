/** What the measuring page asks of its worker. */

import type { WebDevice } from '../../../engines/onnxruntime_web/web_device.js';
import type { InputSize, Part } from '../../../measuring/record.js';

export interface MeasuringSettings {
  /** Names of shipped configs. */
  readonly first: string;
  readonly second: string;
  readonly part: Part;
  readonly device: WebDevice;
  readonly threads: number;
  readonly size: InputSize;
  readonly batch: number;
  readonly rounds: number;
}

/** Rounds before those that count: the first runs compile programs and fill caches. */
export const WARM_UP = 3;

/** What a network costs, which is known before it runs. */
export interface Cost {
  readonly parameters: number;
  /** Of one picture of the size. */
  readonly macs: number;
}

export type MeasuringProgress =
  | { readonly kind: 'opening'; readonly config: string }
  | { readonly kind: 'opened'; readonly costs: readonly [Cost, Cost] }
  | { readonly kind: 'warm-up'; readonly done: number }
  /** Milliseconds of one run of each, in a round that counts. */
  | { readonly kind: 'round'; readonly times: readonly [number, number] };

export type MeasuringAnswer = { readonly kind: 'measured' };
