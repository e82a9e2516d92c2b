/** Aborted by Ctrl-C and by the system's polite request to end. */
export interface Interruption {
  /** Handed to whatever takes long. */
  readonly signal: AbortSignal;
  /** What shells expect of a process that such a signal ended: 130 for Ctrl-C; undefined while there was none. */
  exitCode(): number | undefined;
}

const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * The first signal gives up the work in hand: what is being written is completed or removed, nothing is begun. A second
 * one ends the process at once.
 */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let code: number | undefined;
  const interrupt = (name: keyof typeof NUMBERS) => {
    if (code !== undefined) process.exit(code);
    code = 128 + NUMBERS[name];
    controller.abort();
  };
  process.on('SIGINT', () => interrupt('SIGINT'));
  process.on('SIGTERM', () => interrupt('SIGTERM'));
  return { signal: controller.signal, exitCode: () => code };
}
