/** Every operation has a kernel in every engine: a table that lacks one does not compile, which `npm run types` shows here. */
import { expect, test } from 'vitest';
import { backwardKernels as tfjsBackward } from '../../engines/tfjs/kernels/backward/index.js';
import { tfjsKernels } from '../../engines/tfjs/kernels/index.js';
import { lossKernels as tfjsLosses } from '../../engines/tfjs/kernels/losses.js';
import { backwardKernels as onnxBackward } from '../../graph/onnx/backward/index.js';
import { onnxKernels } from '../../graph/onnx/kernels.js';
import { lossKernels as onnxLosses } from '../../graph/onnx/losses.js';
import { backwardOperations } from '../../graph/operations/backward.js';
import { operations } from '../../graph/operations/index.js';
import { lossOperations } from '../../graph/operations/losses.js';

const { relu: _onnx, ...onnxWithoutRelu } = onnxKernels;
// @ts-expect-error: the kernel of relu is missing.
const onnxTable: typeof onnxKernels = onnxWithoutRelu;

const { relu: _tfjs, ...tfjsWithoutRelu } = tfjsKernels;
// @ts-expect-error: the kernel of relu is missing.
const tfjsTable: typeof tfjsKernels = tfjsWithoutRelu;

const { batchMean: _onnxMean, ...onnxWithoutMean } = onnxBackward;
// @ts-expect-error: the kernel of batchMean is missing.
const onnxBackwardTable: typeof onnxBackward = onnxWithoutMean;

const { batchMean: _tfjsMean, ...tfjsWithoutMean } = tfjsBackward;
// @ts-expect-error: the kernel of batchMean is missing.
const tfjsBackwardTable: typeof tfjsBackward = tfjsWithoutMean;

test('the tables have the operations, all of them and no others', () => {
  const names = Object.keys(operations).toSorted();
  expect(Object.keys(onnxKernels).toSorted()).toEqual(names);
  expect(Object.keys(tfjsKernels).toSorted()).toEqual(names);
  const others = names.filter((name) => name !== 'relu');
  expect([Object.keys(onnxTable).toSorted(), Object.keys(tfjsTable).toSorted()]).toEqual([others, others]);
});

test('so have those of gradients, and none stands in both', () => {
  const names = Object.keys(backwardOperations).toSorted();
  expect(Object.keys(onnxBackward).toSorted()).toEqual(names);
  expect(Object.keys(tfjsBackward).toSorted()).toEqual(names);
  const others = names.filter((name) => name !== 'batchMean');
  expect([Object.keys(onnxBackwardTable).toSorted(), Object.keys(tfjsBackwardTable).toSorted()]).toEqual([
    others,
    others,
  ]);
  expect(names.filter((name) => name in operations)).toEqual([]);
});

test('so have those of losses, and none stands in two tables', () => {
  const names = Object.keys(lossOperations).toSorted();
  expect(Object.keys(onnxLosses).toSorted()).toEqual(names);
  expect(Object.keys(tfjsLosses).toSorted()).toEqual(names);
  expect(names.filter((name) => name in operations || name in backwardOperations)).toEqual([]);
});
