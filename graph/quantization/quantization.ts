/** What is said of a network beside its graph where it is to calculate with bytes. */
import type { Network } from '../graph.js';
import type { ActivationCode, WeightCode } from './codes.js';
import type { GateCode } from './hardswish.js';

/** A layer with weights that works on bytes. */
export interface LayerCode {
  readonly weight: WeightCode;
  /** Of 32 bits, each to be multiplied by its scale, which is the input's times the weight's. */
  readonly bias: { readonly values: Int32Array; readonly scales: Float32Array };
}

/** The weights of two convolutions that were made one, for what is left of them at the border. */
export interface BorderCode {
  readonly first: WeightCode;
  readonly second: WeightCode;
}

export interface Quantization {
  /** Values that are bytes between nodes, by their ids. */
  readonly codes: ReadonlyMap<number, ActivationCode>;
  /** Convolutions and linear layers on bytes, by the id of their output. */
  readonly layers: ReadonlyMap<number, LayerCode>;
  /** Nodes whose inputs and output have one code, by the id of their output: pooling to the largest, nearest pixels, ReLU. */
  readonly movers: ReadonlySet<number>;
  /** HardSwish on bytes, by the id of its output: how its gate is read off its input. */
  readonly gates: ReadonlyMap<number, GateCode>;
  /** Border corrections of maps of bytes, by the id of their output. They are calculated in float32. */
  readonly borders: ReadonlyMap<number, BorderCode>;
}

/** A network of float32 operations, and which of them are done on bytes. */
export interface QuantizedNetwork extends Network {
  readonly quantization: Quantization;
}
