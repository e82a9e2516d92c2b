import { describe, expect, it } from 'vitest';
import { tensor } from '../../../core/tensor.js';
import { createEngine } from '../../../engines/index.js';
import { failure } from '../../../engines/onnxruntime/failure.js';
import { graphBuilder } from '../../../graph/builder.js';

describe('an error of the runtime', () => {
  it.each([
    ['cuda', 'CUDA failure 2: out of memory ; GPU=0 ; hostname=x ; expr=cudaMalloc((void**)&p, size);'],
    ['cuda', 'Failed to allocate memory for requested buffer of size 4294967296'],
    ['cuda', 'Available memory of 1048576 is smaller than requested bytes of 9437184'],
    ['cuda', 'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0'],
    [
      'tensorrt',
      'TensorRT EP failed to create engine: Error Code 2: OutOfMemory (Requested size was 2147483648 bytes.)',
    ],
    ['dml', 'Exception(2) tid(1a2c) 8007000E Not enough memory resources are available to complete this operation.'],
    ['webgpu', 'Buffer size (17179869184) exceeds the max buffer size limit (4294967296).'],
    ['webgpu', 'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY'],
    ['webgpu', 'WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous error.'],
    ['cpu', 'std::bad_alloc'],
    ['cpu', 'Array buffer allocation failed'],
  ])('of %s that says %s, is one of memory, with what to do', (device, text) => {
    const { parts } = failure('a network that runs on input [8, 3, 800, 1333]', new Error(text), device);
    expect(parts).toMatchObject({
      code: 'out-of-memory',
      where: device,
      expected: 'memory for a network that runs on input [8, 3, 800, 1333]',
    });
    expect(parts.hint).toMatch(/^Try a smaller batch(,| or)/);
    expect(parts.hint?.includes('the device cpu')).toBe(device !== 'cpu');
    expect(parts.hint).toContain(text);
  });

  it.each([
    'Failed to download data from buffer. wgpu::MapAsyncStatus value: 4, message: [Device] is lost.',
    'Failed to create a WebGPU compute pipeline: A valid external Instance reference no longer exists.',
  ])('of webgpu that says %s, is one of a lost device', (text) => {
    const { parts } = failure('a network that runs on input [1, 3, 64, 64]', new Error(text), 'webgpu');
    expect(parts).toEqual({
      code: 'lost-device',
      where: 'webgpu',
      expected: 'a graphics device that stays there for a network that runs on input [1, 3, 64, 64]',
      hint: `The driver has lost it: it was reset, has crashed or has run out of memory. The next call opens the model anew (ONNX Runtime: ${text})`,
    });
    expect(failure('a network', new Error(text), 'cuda').parts.code).toBe('engine-failure');
  });

  it('of any other kind keeps its words', () => {
    const { parts } = failure('a model', new Error('Non-zero status code returned while running Conv node'), 'cuda');
    expect(parts).toMatchObject({
      code: 'engine-failure',
      hint: 'ONNX Runtime: Non-zero status code returned while running Conv node',
    });
  });
});

it('a map beyond the memory of any machine is an error of memory', async () => {
  const g = graphBuilder();
  const x = g.input('x', 1);
  // 18 TB.
  const wide = g.emit('resizeNearest', [x], { factor: 2 ** 18 });
  const graph = g.finish([{ name: 'y', value: g.emit('averageToPixel', [wide], {}) }]);
  const network = { graph, parameters: () => tensor([0], new Float32Array()) };
  await using engine = await createEngine('onnxruntime', network, { device: 'cpu', threads: 1 });
  const input = (side: number) => ({ x: tensor([1, 1, side, side], new Float32Array(side * side)) });
  await expect(engine.run(input(8))).rejects.toMatchObject({
    code: 'out-of-memory',
    message: expect.stringMatching(/^cpu: expected memory for a network that runs on x \[1, 1, 8, 8\]\. Try a smaller/),
  });
});
