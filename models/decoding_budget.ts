/**
 * How much decoded ahead of the network may wait: bytes of pixels, not a number of pictures, since a few small files can
 * hold gigabytes. Pictures are let in by the size in their header, before they are decoded.
 */

export interface DecodingBudget {
  /** A place for the next picture, in the order of the pictures. @param batch those of one batch are needed together. */
  place(batch: number): Place;
  /** Lets nobody in any more: whoever waits is refused. */
  close(reason: unknown): void;
}

export interface Place {
  /** Waits for room; never for pictures that come later, and not where all that is held is of the same batch. */
  readonly admit: (bytes: number) => Promise<void>;
  /** The picture is not held any more, or never was. Safe to repeat. */
  readonly leave: () => void;
}

interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
  readonly refuse: (reason: unknown) => void;
}

interface Slot {
  readonly batch: number;
  /** Bytes that it holds; 0 before it is let in. */
  held: number;
  waiting: Waiting | undefined;
  /** Let in, or gone: those behind it need not wait for it. */
  passed: boolean;
}

/** @param most bytes; a picture that is larger alone is let in when nothing else is held. */
export function decodingBudget(most: number): DecodingBudget {
  const slots: Slot[] = [];
  let held = 0;

  const admitNext = (): void => {
    while (slots[0]?.passed === true && slots[0].held === 0) slots.shift();
    for (const slot of slots) {
      if (slot.passed) continue;
      const { waiting } = slot;
      // Its size is not known yet: those behind it wait, or they would take its room.
      if (waiting === undefined) return;
      const alone = slots.every((other) => other.held === 0 || other.batch === slot.batch);
      if (held + waiting.bytes > most && !alone) return;
      slot.held = waiting.bytes;
      held += waiting.bytes;
      slot.waiting = undefined;
      slot.passed = true;
      waiting.enter();
    }
  };

  return {
    place(batch) {
      const slot: Slot = { batch, held: 0, waiting: undefined, passed: false };
      slots.push(slot);
      return {
        admit: (bytes) =>
          new Promise((enter, refuse) => {
            slot.waiting = { bytes, enter, refuse };
            admitNext();
          }),
        leave() {
          held -= slot.held;
          slot.held = 0;
          slot.passed = true;
          admitNext();
        },
      };
    },
    close(reason) {
      for (const { waiting } of slots.splice(0)) waiting?.refuse(reason);
    },
  };
}
