import { backwardKernels } from '../onnx/backward/index.js';
import { addOnnxKernels } from '../onnx/known_kernels.js';
import { backwardOperations } from '../operations/backward.js';
import { addOperations } from '../operations/known.js';

/**
 * From now on graphs may hold what only training needs, and are written with it. The passes of this folder call it: nobody
 * else has to, but for a graph of such operations that no pass has made.
 */
export function addTrainingOperations(): void {
  addOperations(backwardOperations);
  addOnnxKernels(backwardKernels);
}
