import { first, invalid, mapShape, type NoAttributes, type Operation, second } from './operation.js';

export interface BilinearAttributes {
  /** torch's `align_corners`: whether the corner pixels' centres or the maps' outer edges coincide. */
  readonly alignCorners: boolean;
}

export interface FactorAttributes {
  /** A whole number. */
  readonly factor: number;
}

export interface BilinearByAttributes extends BilinearAttributes, FactorAttributes {}

/** A result with the first input's batch and channels and the second input's height and width. */
function like<Attributes>(): Operation<Attributes> {
  return {
    inputs: 2,
    result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
    shape: (inputs) => {
      const [n, c] = mapShape(first(inputs));
      const [, , h, w] = mapShape(second(inputs));
      return [n, c, h, w];
    },
  };
}

/** torch's `interpolate(mode='nearest')` to the size of a second tensor. */
export const resizeNearestLike = like<NoAttributes>();

/** torch's `interpolate(mode='bilinear')` to the size of a second tensor. */
export const resizeBilinearLike = like<BilinearAttributes>();

/** A result `factor` times as high and as wide. */
function enlarged<Attributes extends FactorAttributes>(): Operation<Attributes> {
  return {
    inputs: 1,
    result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
    shape: (inputs, { factor }) => {
      const [n, c, h, w] = mapShape(first(inputs));
      return [n, c, h * factor, w * factor];
    },
  };
}

/** torch's `interpolate(mode='bilinear')` to a multiple of the size. */
export const resizeBilinear = enlarged<BilinearByAttributes>();

/** torch's `interpolate(mode='nearest')` to a multiple of the size. */
export const resizeNearest = enlarged<FactorAttributes>();

/** The upper left part of a map, as large as a second tensor. */
export const cropLike: Operation<NoAttributes> = {
  ...like<NoAttributes>(),
  shape: (inputs, attributes) => {
    const [, , h, w] = mapShape(first(inputs));
    const [, , height, width] = mapShape(second(inputs));
    if (height > h || width > w) throw invalid(`at least ${height}x${width} pixels to crop from`, [h, w]);
    return like<NoAttributes>().shape(inputs, attributes);
  },
};
