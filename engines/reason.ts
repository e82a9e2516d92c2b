/** What an error says, without stack, tried paths, or the place in ONNX Runtime's own source that it may open with. */
export function reasonOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return line.replace(/^\/\S+\.(?:cc|h):\d+ .* was (?:true|false)\. /, '');
}
