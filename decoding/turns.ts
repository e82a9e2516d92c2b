/** How long work goes on before the event loop has its turn, in milliseconds. */
const TURN = 12;

/**
 * To be awaited between pieces of work: gives the event loop its turn when it is time.
 * @throws the signal's reason when aborted, at such a turn.
 */
export function turns(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let last = performance.now();
  const rest = async () => {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
  return () => (performance.now() - last > TURN ? rest() : undefined);
}
