/** Which requests are under way, so that what they use is freed after them. */
export interface RequestsUnderWay {
  /** @returns to be called when it is over; a second call does nothing. */
  begin(): () => void;
  /** Resolves when those that are under way now are over: later ones are not waited for. */
  over(): Promise<void>;
}

export function requestsUnderWay(): RequestsUnderWay {
  const all = new Set<Promise<void>>();
  return {
    begin() {
      let end = () => {};
      const over = new Promise<void>((resolve) => {
        end = resolve;
      });
      all.add(over);
      return () => {
        all.delete(over);
        end();
      };
    },
    async over() {
      await Promise.all(all);
    },
  };
}
