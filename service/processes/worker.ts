/** A process among several that answer on one address: it does what the one that started it says. */
import { z } from 'zod';
import { type Family, familySchema } from '../metric_families.js';
import { type ReloadOutcome, reloadOutcomeSchema } from '../reload.js';
import { link } from './link.js';

/** What a process is asked by the one that started it. */
export interface WorkerDuties {
  readonly metrics: () => readonly Family[];
  readonly reload: (name: string) => Promise<ReloadOutcome>;
  /** Keys and certificate are read again. */
  readonly renew: () => Promise<void>;
  /** All processes have their models: it is ready. */
  readonly ready: () => void;
  /** It takes nothing more, and ends. */
  readonly stop: () => void;
}

export interface Listening {
  readonly address: string;
  readonly models: readonly { readonly name: string; readonly task: string }[];
}

/** What it asks of the one that started it: whatever concerns all processes. */
export interface Supervisor extends Disposable {
  /** This process answers now, at this address. */
  listening(told: Listening): Promise<void>;
  metrics(): Promise<readonly Family[]>;
  reload(name: string): Promise<ReloadOutcome>;
}

const nameSchema = z.string();

/** In a process that was started by another: the link to it, which keeps the process until it is disposed of. */
export function supervisor(duties: WorkerDuties): Supervisor {
  // What listens is in the process above; here is but the channel.
  process.channel?.ref();
  const { ask } = link(
    {
      send: (message) => void process.send?.(message, undefined, undefined, () => {}),
      onMessage: (listener) => void process.on('message', listener),
    },
    async (what, about) => {
      switch (what) {
        case 'metrics':
          return duties.metrics();
        case 'reload':
          return duties.reload(nameSchema.parse(about));
        case 'renew':
          return duties.renew();
        case 'ready':
          return duties.ready();
        case 'stop':
          return duties.stop();
        default:
          throw new RangeError(what);
      }
    },
  );
  return {
    async listening(told) {
      await ask('listening', told);
    },
    metrics: async () => z.array(familySchema).parse(await ask('metrics')),
    [Symbol.dispose]: () => process.channel?.unref(),
    reload: async (name) => reloadOutcomeSchema.parse(await ask('reload', name)),
  };
}
