/**
 * How many bytes of bodies are held at a time: a limit on each alone would let many small senders fill the memory. What counts is
 * what has arrived: senders who announce much and send nothing keep nobody out.
 */
export interface ByteBudget {
  /** Bytes that are held. */
  readonly held: number;
  /** Whether so many more would find room now; more than all of it would where nothing else is held. */
  hasRoom(bytes: number): boolean;
  /** What one request holds, which is nothing yet. */
  open(): HeldBytes;
}

export interface HeldBytes {
  /** @returns false, and holds no more, where there is no room: a body that is larger than all of it needs it to itself. */
  add(bytes: number): boolean;
  /** Gives all of it back; again does nothing. */
  release(): void;
}

/** @param most bytes. */
export function byteBudget(most: number): ByteBudget {
  let held = 0;
  const hasRoom = (bytes: number, own: number): boolean => held === own || held + bytes <= most;
  return {
    get held() {
      return held;
    },
    hasRoom: (bytes) => hasRoom(bytes, 0),
    open() {
      let own = 0;
      return {
        add(bytes) {
          if (!hasRoom(bytes, own)) return false;
          own += bytes;
          held += bytes;
          return true;
        },
        release() {
          held -= own;
          own = 0;
        },
      };
    },
  };
}
