/**
 * The nearest integer, of two equally near ones the even one: as C, NumPy and PyTorch round. For |x| below 2^51: adding
 * 1.5 * 2^52 leaves no bit for a fraction.
 */
export function roundHalfEven(x: number): number {
  return x + 6755399441055744 - 6755399441055744;
}
