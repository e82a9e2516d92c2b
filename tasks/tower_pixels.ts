/** Which pixels each layer of a box tower is wanted at, so that its last one is there at the candidates. */
import type { Size } from '../core/frame.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import { layerMacs, placesName, type TowerLayer } from '../graph/towers.js';

/** Of one level: the pixels that the tower reads, then those that each of its layers is wanted at, ascending places in [H, W]. */
type LevelPixels = readonly Int32Array[];

export interface TowerPixels {
  readonly sizes: readonly Size[];
  readonly levels: readonly LevelPixels[];
  /** Multiply-accumulates at these pixels, as a share of those everywhere; 0 where there is no candidate. */
  readonly share: number;
  /** Values of the largest matrix of windows. */
  readonly most: number;
}

/**
 * From the candidates of every level back to what the first layer reads: each layer needs the windows of the next one's pixels,
 * as far as they are inside the map.
 */
export function towerPixels(
  layers: readonly TowerLayer[],
  sizes: readonly Size[],
  candidates: readonly Int32Array[],
): TowerPixels {
  const levels = sizes.map((size, i): LevelPixels => {
    const wanted = [candidates[i] ?? new Int32Array()];
    for (const { kernel } of layers.toReversed()) {
      const [next = new Int32Array()] = wanted;
      wanted.unshift(windowsOf(next, size, kernel >> 1));
    }
    return wanted;
  });
  const everywhere = sizes.reduce((sum, { width, height }) => sum + width * height, 0);
  let macs = 0;
  let whole = 0;
  let most = 0;
  for (const [i, layer] of layers.entries()) {
    const pixels = count(levels, i + 1);
    macs += pixels * layerMacs(layer);
    whole += everywhere * layerMacs(layer);
    most = Math.max(most, pixels * layer.kernel ** 2 * layer.channels);
  }
  return { sizes, levels, share: whole === 0 ? 0 : macs / whole, most };
}

/** Every pixel of the map within `reach` rows and columns of one of `pixels`. */
function windowsOf(pixels: Int32Array, { width, height }: Size, reach: number): Int32Array {
  if (reach === 0 || pixels.length === 0) return pixels;
  const marked = new Uint8Array(width * height);
  for (const pixel of pixels) {
    const y = Math.floor(pixel / width);
    const x = pixel - y * width;
    const [left, right] = [Math.max(0, x - reach), Math.min(width, x + reach + 1)];
    const bottom = Math.min(height, y + reach + 1);
    for (let row = Math.max(0, y - reach); row < bottom; row++) marked.fill(1, row * width + left, row * width + right);
  }
  let length = 0;
  for (let i = 0; i < marked.length; i++) length += marked[i] ?? 0;
  const found = new Int32Array(length);
  for (let i = 0, at = 0; at < length; i++) if (marked[i] === 1) found[at++] = i;
  return found;
}

function count(levels: readonly LevelPixels[], step: number): number {
  return levels.reduce((sum, pixels) => sum + (pixels[step]?.length ?? 0), 0);
}

/**
 * The inputs of `towerAtPixels`, the pixels of all levels behind one another.
 * @param maps what the tower reads, level by level: [N, C, H, W]. @param index the picture's place in the batch.
 */
export function towerInputs(
  layers: readonly TowerLayer[],
  { sizes, levels }: TowerPixels,
  maps: readonly Tensor[],
  index: number,
): Tensors {
  const inputs: Record<string, Tensor> = { pixels: pixelsOf(maps, levels, index) };
  for (const [i, { kernel }] of layers.entries()) {
    const taps = kernel ** 2;
    const data = new Float32Array(count(levels, i + 1) * taps);
    const outside = count(levels, i);
    let [at, first] = [0, 0];
    for (const [level, size] of sizes.entries()) {
      const [read = new Int32Array(), wanted = new Int32Array()] = levels[level]?.slice(i, i + 2) ?? [];
      writePlaces({ data, at }, { read, first, outside }, wanted, size, kernel >> 1);
      at += wanted.length * taps;
      first += read.length;
    }
    inputs[placesName(i)] = { shape: [data.length / taps, taps], data };
  }
  return inputs;
}

/** Where the windows of `wanted` are among the pixels `read`, of which the level's own start at `first`. */
function writePlaces(
  into: { readonly data: Float32Array; readonly at: number },
  { read, first, outside }: { readonly read: Int32Array; readonly first: number; readonly outside: number },
  wanted: Int32Array,
  { width, height }: Size,
  reach: number,
): void {
  const places = new Int32Array(wanted.length === 0 ? 0 : width * height);
  for (let i = 0; i < read.length; i++) places[read[i] ?? 0] = first + i;
  const { data } = into;
  let { at } = into;
  for (const pixel of wanted) {
    const y = Math.floor(pixel / width);
    const x = pixel - y * width;
    for (let row = y - reach; row <= y + reach; row++) {
      for (let column = x - reach; column <= x + reach; column++) {
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        data[at++] = inside ? (places[row * width + column] ?? 0) : outside;
      }
    }
  }
}

/** [R, C] of maps [N, C, H, W]. */
function pixelsOf(maps: readonly Tensor[], levels: readonly LevelPixels[], index: number): Tensor {
  const channels = maps[0]?.shape[1] ?? 0;
  const rows = count(levels, 0);
  const data = new Float32Array(rows * channels);
  let start = 0;
  for (const [level, { shape, data: map }] of maps.entries()) {
    const [, , height = 0, width = 0] = shape;
    const pixels = levels[level]?.[0] ?? new Int32Array();
    // A channel after the other, as the map lies in memory.
    for (let channel = 0; channel < channels; channel++) {
      const plane = (index * channels + channel) * height * width;
      for (let i = 0, at = start + channel; i < pixels.length; i++, at += channels) {
        data[at] = map[plane + (pixels[i] ?? 0)] ?? 0;
      }
    }
    start += pixels.length * channels;
  }
  return { shape: [rows, channels], data };
}

/**
 * Lays what the tower said at the candidates where decoding looks for it.
 * @param boxes [M, out]. @param into level by level, [N, out, H, W]: all else in them stays as it is.
 */
export function placeBoxes(
  boxes: Tensor,
  { sizes, levels }: TowerPixels,
  into: readonly Tensor[],
  index: number,
): void {
  const [, out = 0] = boxes.shape;
  let from = 0;
  for (const [level, { width, height }] of sizes.entries()) {
    const target = into[level]?.data ?? new Float32Array();
    const plane = width * height;
    for (const pixel of levels[level]?.at(-1) ?? []) {
      for (let channel = 0, at = index * out * plane + pixel; channel < out; channel++, at += plane) {
        target[at] = boxes.data[from++] ?? 0;
      }
    }
  }
}
