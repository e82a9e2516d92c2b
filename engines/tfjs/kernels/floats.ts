import type { TensorFlow, TfTensor } from '../kernel.js';

/**
 * Truths and integers as float32. TensorFlow.js' WebGPU backend only calls their bits so: what computes with them reads them
 * rightly, what moves them or reads them back does not. A product writes them anew.
 */
export function floats(tf: TensorFlow, x: TfTensor): TfTensor {
  const cast = tf.cast(x, 'float32');
  return tf.getBackend() === 'webgpu' ? tf.mul(cast, 1) : cast;
}
