/** Words for the person who waits, whoever shows them: a terminal, a server's log, nobody. */
export interface Log {
  /** A line for the person who waits; may be dropped. */
  say(line: string): void;
  /** A line about something that went wrong: never dropped. */
  warn(line: string): void;
  /**
   * What shows how far a piece of work is.
   * @param total how many there are. @param unit of what, in the plural: `pictures`.
   * @param lines `each` where a line says what came of it; by default some: the first, one every few seconds, the last.
   * @param done how many were done before; 0 by default.
   */
  progress(total: number, unit: string, lines?: 'each' | 'some', done?: number): Progress;
}

export interface Progress {
  /** Whether it tells speed and time left by itself, as a bar does; lines have to say them. */
  readonly timed: boolean;
  /** One more is done; `line` says what came of it. */
  done(line: string): void;
  stop(): void;
}
