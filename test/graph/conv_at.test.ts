/** `convAt` against a loop over everything, and against the convolution of the whole map, in both engines. */
import { describe, expect, test } from 'vitest';
import { type Tensor, tensor } from '../../core/tensor.js';
import { createEngine } from '../../engines/index.js';
import { graphBuilder } from '../../graph/builder.js';
import { formulaInput, formulaValue } from '../formula_weights.js';
import { formulaNetwork, relativeError, runNetwork } from '../run_network.js';

interface Case {
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly channels: number;
  readonly out: number;
  readonly bias: boolean;
}

function pixelsGraph({ kernel, channels, out, bias }: Case) {
  const g = graphBuilder();
  // Places are a vector of the graph, as the passes make it: the builder's own inputs are maps.
  const rows = g.emit('globalAveragePool', [g.input('rows', channels)], {});
  const places = g.emit('globalAveragePool', [g.input('places', kernel ** 2)], {});
  const value = g.scope('tower').emit('convAt', [rows, places], { out, kernel, bias });
  return formulaNetwork(g.finish([{ name: 'y', value }]));
}

/** Every pixel of a map, the last one first, and the places of its window; the border is one past the last row. */
function everyPixel(map: Tensor, kernel: number) {
  const [, channels = 0, height = 0, width = 0] = map.shape;
  const size = height * width;
  const reach = kernel >> 1;
  const rows = Float32Array.from({ length: size * channels }, (_, i) => {
    return map.data[(i % channels) * size + Math.floor(i / channels)] ?? 0;
  });
  const places: number[] = [];
  for (let pixel = size - 1; pixel >= 0; pixel--) {
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    for (let row = y - reach; row <= y + reach; row++) {
      for (let column = x - reach; column <= x + reach; column++) {
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        places.push(inside ? row * width + column : size);
      }
    }
  }
  return {
    rows: tensor([size, channels, 1, 1], rows),
    places: tensor([size, kernel ** 2, 1, 1], Float32Array.from(places)),
  };
}

function byLoop(map: Tensor, { kernel, channels, out, bias }: Case): Tensor {
  const [, , height = 0, width = 0] = map.shape;
  const weight = formulaValue('tower.weight', [out, channels, kernel, kernel]);
  const biases = bias ? formulaValue('tower.bias', [out]) : new Float32Array(out);
  const reach = kernel >> 1;
  const y = new Float32Array(height * width * out);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    for (let o = 0; o < out; o++) {
      let sum = biases[o] ?? 0;
      for (let c = 0; c < channels; c++) {
        for (let dy = -reach; dy <= reach; dy++) {
          for (let dx = -reach; dx <= reach; dx++) {
            const [r, s] = [row + dy, column + dx];
            if (r < 0 || r >= height || s < 0 || s >= width) continue;
            const tap = (dy + reach) * kernel + dx + reach;
            sum +=
              (weight[(o * channels + c) * kernel ** 2 + tap] ?? 0) * (map.data[(c * height + r) * width + s] ?? 0);
          }
        }
      }
      // The last pixel first, as they are asked for.
      y[(height * width - 1 - pixel) * out + o] = sum;
    }
  }
  return tensor([height * width, out], y);
}

describe.each<Case>([
  { height: 6, width: 8, kernel: 3, channels: 5, out: 4, bias: true },
  { height: 7, width: 5, kernel: 3, channels: 8, out: 3, bias: false },
  { height: 1, width: 1, kernel: 3, channels: 4, out: 6, bias: true },
  { height: 1, width: 9, kernel: 5, channels: 2, out: 2, bias: true },
  { height: 4, width: 3, kernel: 1, channels: 3, out: 7, bias: true },
])('$height x $width, kernel $kernel, $channels to $out channels', (shape) => {
  const map = tensor(
    [1, shape.channels, shape.height, shape.width],
    formulaInput('map', [1, shape.channels, shape.height, shape.width]),
  );
  const inputs = everyPixel(map, shape.kernel);

  test('ONNX Runtime gives what a loop gives', async () => {
    const { y } = await runNetwork(pixelsGraph(shape), inputs);
    expect(relativeError(y, byLoop(map, shape))).toBeLessThan(1e-6);
  });

  test('and the convolution of the whole map', async () => {
    const g = graphBuilder();
    const { kernel, channels, out, bias } = shape;
    const value = g.scope('tower').conv(g.input('x', channels), { out, kernel, bias });
    const { y: dense } = await runNetwork(formulaNetwork(g.finish([{ name: 'y', value }])), { x: map });
    const { y } = await runNetwork(pixelsGraph(shape), inputs);
    const size = shape.height * shape.width;
    const turned = Float32Array.from({ length: size * out }, (_, i) => {
      return dense?.data[(i % out) * size + size - 1 - Math.floor(i / out)] ?? Number.NaN;
    });
    expect(relativeError(y, tensor([size, out], turned))).toBeLessThan(1e-6);
  });
});

test('TensorFlow.js gives what a loop gives', async () => {
  const shape = { height: 7, width: 5, kernel: 3, channels: 8, out: 3, bias: true };
  const map = tensor([1, 8, 7, 5], formulaInput('map', [1, 8, 7, 5]));
  await using engine = await createEngine('tfjs', pixelsGraph(shape), { device: 'cpu' });
  const { y } = await engine.run(everyPixel(map, 3));
  expect(relativeError(y, byLoop(map, shape))).toBeLessThan(1e-6);
});

test('a window beside the map, and a pixel twice', async () => {
  const shape = { height: 1, width: 2, kernel: 3, channels: 1, out: 1, bias: true };
  const [, , , , middle = 0] = formulaValue('tower.weight', [1, 1, 3, 3]);
  const [bias = 0] = formulaValue('tower.bias', [1]);
  const outside = new Array<number>(9).fill(2);
  const twice = outside.map((place, i) => (i === 4 ? 1 : place));
  const { y } = await runNetwork(pixelsGraph(shape), {
    rows: tensor([2, 1, 1, 1], Float32Array.of(3, 5)),
    places: tensor([3, 9, 1, 1], Float32Array.from([...outside, ...twice, ...twice])),
  });
  expect(Array.from(y?.data ?? [])).toEqual(
    [bias, 5 * middle + bias, 5 * middle + bias].map((v) => expect.closeTo(v, 6)),
  );
});
