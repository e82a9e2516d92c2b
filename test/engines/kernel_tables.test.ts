/** Every operation has a kernel in every engine: a table that lacks one does not compile, which `npm run types` shows here. */
import { expect, test } from 'vitest';
import { tfjsKernels } from '../../engines/tfjs/kernels/index.js';
import { onnxKernels } from '../../graph/onnx/kernels.js';
import { operations } from '../../graph/operations/index.js';

const { relu: _onnx, ...onnxWithoutRelu } = onnxKernels;
// @ts-expect-error: the kernel of relu is missing.
const onnxTable: typeof onnxKernels = onnxWithoutRelu;

const { relu: _tfjs, ...tfjsWithoutRelu } = tfjsKernels;
// @ts-expect-error: the kernel of relu is missing.
const tfjsTable: typeof tfjsKernels = tfjsWithoutRelu;

test('the tables have the operations, all of them and no others', () => {
  const names = Object.keys(operations).toSorted();
  expect(Object.keys(onnxKernels).toSorted()).toEqual(names);
  expect(Object.keys(tfjsKernels).toSorted()).toEqual(names);
  const others = names.filter((name) => name !== 'relu');
  expect([Object.keys(onnxTable).toSorted(), Object.keys(tfjsTable).toSorted()]).toEqual([others, others]);
});
