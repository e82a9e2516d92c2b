import { LowformerError } from './errors.js';

/** Extents, outermost first. */
export type Shape = readonly number[];

/** A dense float32 tensor, row-major. Images and feature maps are NCHW. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Named tensors: what goes into a network and what comes out. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** Number of elements of a shape; 1 for a scalar's `[]`. */
export function elements(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** A tensor over `data`. @throws {LowformerError} when the length is not the shape's. */
export function tensor(shape: Shape, data: Float32Array): Tensor {
  if (data.length !== elements(shape)) {
    const expected = `${elements(shape)} elements for shape [${shape.join(', ')}]`;
    throw new LowformerError({ code: 'invalid-argument', where: 'tensor', expected, received: data.length });
  }
  return { shape, data };
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, i) => extent === b[i]);
}
