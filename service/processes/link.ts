/** Questions and answers between a process and those that it started: over their channel, as plain data. */
import { z } from 'zod';

/** One end of a channel. */
export interface Channel {
  /** Where the other end is gone, nothing comes of it. */
  send(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
}

export interface Link {
  /**
   * @returns the answer, for the caller to check.
   * @throws {Error} where the other side failed, or is gone.
   */
  ask(what: string, about?: unknown): Promise<unknown>;
  /** The other side is gone: nobody will answer. */
  cut(): void;
}

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('question'), id: z.number(), what: z.string(), about: z.unknown().optional() }),
  z.object({ kind: z.literal('answer'), id: z.number(), answer: z.unknown().optional() }),
  z.object({ kind: z.literal('failure'), id: z.number(), message: z.string() }),
]);

/** @param answer to what the other side asks. */
export function link(channel: Channel, answer: (what: string, about: unknown) => Promise<unknown>): Link {
  const asked = new Map<number, { readonly resolve: (answer: unknown) => void; readonly reject: (e: Error) => void }>();
  let next = 0;
  let isCut = false;

  channel.onMessage((message) => {
    const parsed = messageSchema.safeParse(message);
    // Others may use the channel, too.
    if (!parsed.success) return;
    const { data } = parsed;
    if (data.kind === 'question') {
      answer(data.what, data.about).then(
        (given) => channel.send({ kind: 'answer', id: data.id, answer: given }),
        (error: unknown) => channel.send({ kind: 'failure', id: data.id, message: String(error) }),
      );
      return;
    }
    const waiting = asked.get(data.id);
    asked.delete(data.id);
    if (data.kind === 'answer') waiting?.resolve(data.answer);
    else waiting?.reject(new Error(data.message));
  });

  return {
    ask(what, about) {
      return new Promise((resolve, reject) => {
        if (isCut) return reject(new Error(GONE));
        const id = next++;
        asked.set(id, { resolve, reject });
        channel.send({ kind: 'question', id, what, about });
      });
    },
    cut() {
      isCut = true;
      for (const { reject } of asked.values()) reject(new Error(GONE));
      asked.clear();
    },
  };
}

const GONE = 'the process has ended';
