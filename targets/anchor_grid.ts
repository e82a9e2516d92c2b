import type { Size } from '../core/frame.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { PriorGenerator } from '../geometry/priors.js';

/** The anchors of all levels in one row: level after level, and in each row, column, anchor. */
export interface AnchorGrid {
  /** `[anchors, 4]`: x1, y1, x2, y2 in input pixels. */
  readonly anchors: Float32Array;
  /** The first anchor of each level, and their number behind the last. */
  readonly starts: readonly number[];
  /** Of the levels' maps. */
  readonly maps: readonly Size[];
  readonly perPosition: number;
  /** Input pixels between columns and between rows, one pair a level. */
  readonly strides: readonly (readonly [x: number, y: number])[];
}

/** Grids of one generator: batches of one size share theirs. */
export function anchorGrids(priors: PriorGenerator): (maps: readonly Size[]) => AnchorGrid {
  let last: AnchorGrid | undefined;
  return (maps) => {
    if (last === undefined || !maps.every((map, i) => sameSize(map, last?.maps[i]))) last = anchorGrid(priors, maps);
    return last;
  };
}

function sameSize(a: Size, b: Size | undefined): boolean {
  return a.width === b?.width && a.height === b.height;
}

function anchorGrid(priors: PriorGenerator, maps: readonly Size[]): AnchorGrid {
  const { priorsPerPosition: perPosition, strides } = priors;
  const starts = [0];
  for (const { width, height } of maps) starts.push((starts.at(-1) ?? 0) + width * height * perPosition);
  const anchors = new Float32Array((starts.at(-1) ?? 0) * 4);
  let at = 0;
  maps.forEach(({ width, height }, level) => {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let prior = 0; prior < perPosition; prior++, at += 4) priors.write(anchors, at, level, column, row, prior);
      }
    }
  });
  return { anchors, starts, maps, perPosition, strides };
}

/** The anchors of each level as a map, the same for every picture: [pictures, A * 4, H, W]. */
export function anchorMaps({ anchors, starts, maps, perPosition }: AnchorGrid, pictures: number): readonly Tensor[] {
  const channels = perPosition * 4;
  return maps.map(({ width, height }, level) => {
    const area = width * height;
    const map = new Float32Array(pictures * channels * area);
    let from = (starts[level] ?? 0) * 4;
    for (let position = 0; position < area; position++) {
      for (let channel = 0; channel < channels; channel++) map[channel * area + position] = anchors[from++] ?? 0;
    }
    for (let i = 1; i < pictures; i++) map.copyWithin(i * channels * area, 0, channels * area);
    return tensor([pictures, channels, height, width], map);
  });
}
