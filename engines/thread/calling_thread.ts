/** For where no thread can be started: the answers come from the thread that asks, which does nothing else meanwhile. */
import { reasonOf } from '../reason.js';
import { type Answering, replyTo } from './answers.js';
import type { Channel, ChannelEvents } from './channel.js';

/** Loads what would run in a thread. */
export type LoadAnswering<Request, Answer> = () => Promise<Answering<Request, Answer>>;

/** A channel that leads nowhere: requests are answered here, one after the other, with a turn of the event loop between. */
export function callingThread<Request, Answer>(
  name: string,
  load: LoadAnswering<Request, Answer>,
  { onReply }: ChannelEvents<Answer>,
): Channel<Request> {
  let loading: Promise<Answering<Request, Answer>> | undefined;
  let turn: Promise<void> = Promise.resolve();
  const loaded = async () => {
    loading ??= load();
    return loading.catch((error: unknown): Answering<Request, Answer> => {
      const parts = {
        code: 'engine-failure',
        where: name,
        expected: 'its program to load',
        hint: reasonOf(error),
      } as const;
      return { where: name, answer: () => Promise.reject(error), transfer: () => [], failure: () => parts };
    });
  };
  return {
    post({ request, withdrawn }) {
      turn = turn.then(async () => {
        const answering = await loaded();
        await new Promise((resolve) => setTimeout(resolve));
        onReply(await replyTo(answering, request, () => Atomics.load(withdrawn, 0) === 0));
      });
    },
    hold: () => {},
    terminate: async () => {},
  };
}
