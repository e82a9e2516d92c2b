import { backwardKernels } from '../onnx/backward/index.js';
import { addOnnxKernels } from '../onnx/known_kernels.js';
import { lossKernels } from '../onnx/losses.js';
import { backwardOperations } from '../operations/backward.js';
import { addOperations } from '../operations/known.js';
import { lossOperations } from '../operations/losses.js';

/**
 * From now on graphs may hold what only training needs, and are written with it. The passes of this folder call it, and whoever
 * makes a loss: nobody else has to, but for a graph of such operations that neither has made.
 */
export function addTrainingOperations(): void {
  addOperations({ ...lossOperations, ...backwardOperations });
  addOnnxKernels({ ...lossKernels, ...backwardKernels });
}
