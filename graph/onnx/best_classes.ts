import type { BilinearAttributes } from '../operations/resampling.js';
import type { Value } from '../value.js';
import type { OnnxEmitter } from './emitter.js';

/** Classes that are enlarged together: what is held of them is bounded, a device gives out buffers of 128 MB at least. */
const TOGETHER = 16;
/** Above every class. */
const NONE = 2 ** 24;

/**
 * The best of some classes at a time, and of these against those before. A class is found by comparing each score with the best: an `ArgMax`
 * counts in integers of 64 bits, which ONNX Runtime converts on the processor.
 */
export function bestClasses({
  onnx,
  inputs: [given = '', seen = '', seenRows = '', seenColumns = '', rows = '', columns = ''],
  attributes: { alignCorners },
  node,
}: {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: BilinearAttributes;
  readonly node: { readonly inputs: readonly Value[] };
}): string {
  const scores = onnx.widen(given);
  const classes = node.inputs[0]?.channels ?? 0;
  const bilinear = {
    mode: 'linear',
    coordinate_transformation_mode: alignCorners ? 'align_corners' : 'half_pixel',
  } as const;
  const extent = (x: string, axis: number) => onnx.node('Shape', [x], { start: axis, end: axis + 1 });
  const joined = (...parts: readonly string[]) => onnx.node('Concat', parts, { axis: 0 });
  const padded = onnx.node('Shape', [seen], { start: 2, end: 4 });
  const cut = joined(extent(seenRows, 2), extent(seenColumns, 3));
  const picture = joined(extent(rows, 2), extent(columns, 3));
  const resized = (x: string, size: string) => {
    const sizes = joined(onnx.node('Shape', [x], { start: 0, end: 2 }), size);
    return onnx.node('Resize', [x, '', '', sizes], bilinear);
  };
  const widths = Array.from({ length: Math.ceil(classes / TOGETHER) }, (_, i) =>
    Math.min(TOGETHER, classes - i * TOGETHER),
  );
  const parts =
    widths.length === 1
      ? [scores]
      : onnx.nodes('Split', [scores, onnx.integers(...widths)], widths.length, { axis: 1 });
  const bests = parts.map((part, i) => {
    const inside = onnx.node('Slice', [resized(part, padded), onnx.integers(0, 0), cut, onnx.integers(2, 3)]);
    const large = resized(inside, picture);
    const best = onnx.node('ReduceMax', [large], { axes: [1], keepdims: 1 });
    const own = Array.from({ length: widths[i] ?? 0 }, (_, k) => i * TOGETHER + k);
    const numbers = onnx.node('Reshape', [onnx.vector(...own), onnx.integers(1, own.length, 1, 1)]);
    const found = onnx.node('Where', [onnx.node('Equal', [large, best]), numbers, onnx.vector(NONE)]);
    return { best, label: onnx.node('ReduceMin', [found], { axes: [1], keepdims: 1 }) };
  });
  const { label } = bests.reduce((before, next) => ({
    label: onnx.node('Where', [onnx.node('Greater', [next.best, before.best]), next.label, before.label]),
    best: onnx.node('Max', [before.best, next.best]),
  }));
  // No maximum is sure to tell of NaN; a sum is.
  const sum = onnx.node('ReduceSum', [scores, onnx.integers(1, 2, 3)], { keepdims: 1 });
  return onnx.node('Add', [label, onnx.node('Mul', [sum, onnx.vector(0)])]);
}
