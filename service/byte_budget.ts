/** How many bytes of bodies are held at a time: a limit on each alone would let many small senders fill the memory. */
export interface ByteBudget {
  /** Takes room for a body until what is returned is called; undefined where there is none. Calling it again does nothing. */
  take(bytes: number): (() => void) | undefined;
  /** Bytes that are taken. */
  readonly held: number;
}

/** @param most bytes; a body that is larger alone is let in where nothing else is held. */
export function byteBudget(most: number): ByteBudget {
  let held = 0;
  return {
    get held() {
      return held;
    },
    take(bytes) {
      if (held > 0 && held + bytes > most) return undefined;
      held += bytes;
      let taken = true;
      return () => {
        if (taken) held -= bytes;
        taken = false;
      };
    },
  };
}
