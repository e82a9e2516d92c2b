/**
 * Pixels that were written as a share of the picture, to the billionth: what float64 has lost on the way there and back would otherwise
 * move an edge that lies on half a pixel over it.
 */
export function nearPixels(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}
