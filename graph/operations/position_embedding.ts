import { first, mapShape, type Operation, parameter } from './operation.js';

export interface PositionEmbeddingAttributes {
  /** Size of the map that the embedding was learned for. */
  readonly height: number;
  readonly width: number;
  /** What a state_dict calls it. */
  readonly name: string;
  /** Rows before the first pixel's, which are passed over: those of a class token. */
  readonly skip?: number;
}

/**
 * A map plus what was learned for each of its pixels, `embedding` [1, skip + height * width, C], row by row. At any other size it
 * is resized first: torch's `interpolate(mode='bilinear')` without `align_corners` (PVT, arXiv 2102.12122, section 3.2).
 */
export const positionEmbedding: Operation<PositionEmbeddingAttributes> = {
  inputs: 1,
  parameters: (inputs, { height, width, name, skip = 0 }) => ({
    embedding: { ...parameter(1, skip + height * width, first(inputs).channels), name },
  }),
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs) => mapShape(first(inputs)),
};
