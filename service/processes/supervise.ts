/**
 * Several processes that answer on one address, each with its models: Node's `cluster`. The first process listens and answers nothing; the
 * others take connections from what it listens on, so that one that is killed loses those that it had taken, and no more. Given out by
 * the first in turn, connections to one that has just died would be held by nobody and never be closed. It replaces what dies, and asks
 * all where one is asked about all.
 */
import cluster, { type Worker } from 'node:cluster';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { type Family, familySchema } from '../metric_families.js';
import { type ReloadOutcome, reloadOutcomeSchema } from '../reload.js';
import { type Link, link } from './link.js';
import { ROLE } from './role.js';
import { summedMetrics } from './summed_metrics.js';

export interface Supervision {
  /** Of the address and the models, as the first process tells them. */
  readonly address: string;
  readonly models: readonly { readonly name: string; readonly task: string }[];
  /** In every process, one after another. */
  reload(name: string): Promise<ReloadOutcome>;
  renew(): Promise<void>;
  /** Tells all to end, and waits for it. */
  stop(): Promise<void>;
  /** Resolves when no process is left and none can be started. */
  readonly failed: Promise<void>;
}

/** The first process could not be started: it has said why. */
export interface NotStarted {
  readonly exitCode: number;
}

export interface SupervisionOptions {
  readonly processes: number;
  /** Milliseconds that their requests have when all are told to end. */
  readonly time: number;
  /** Told when a process has ended that was to go on. */
  readonly warn: (message: string) => void;
}

interface Member {
  readonly worker: Worker;
  readonly link: Link;
}

const listeningSchema = z.object({
  address: z.string(),
  models: z.array(z.object({ name: z.string(), task: z.string() })),
});

type Listening = z.output<typeof listeningSchema>;

/** Milliseconds that a process has to tell its counts. */
const PATIENCE = 2000;
/** Milliseconds more than its requests have, after which a process that does not end is ended. */
const LATE = 5000;
/** Starts in a row that came to nothing, after which there is no other where no process is left. */
const MOST_FAILURES = 5;
/** A process that lived as long in milliseconds was well. */
const WELL = 60_000;

/** Starts them: the first one alone, so that what is wrong is said once, then the others. */
export async function supervise({ processes, time, warn }: SupervisionOptions): Promise<Supervision | NotStarted> {
  const members = new Map<number, Member>();
  /** Those that do not listen yet: what they read may be what was there before. */
  const starting = new Map<number, Promise<unknown>>();
  const metrics = summedMetrics();
  let told: Listening | undefined;
  let stopping = false;
  let reloading = false;
  let failures = 0;
  let giveUp = () => {};
  const failed = new Promise<void>((resolve) => {
    giveUp = resolve;
  });

  const each = async <Answer>(ask: (member: Member, id: number) => Promise<Answer>): Promise<readonly Answer[]> => {
    const settled = await Promise.allSettled([...members].map(([id, member]) => ask(member, id)));
    return settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  };

  const sumMetrics = async (): Promise<readonly Family[]> => {
    const answering = new Set<number>();
    await each(async (member, id) => {
      const late = setTimeout(PATIENCE, undefined, { ref: false });
      const answer = await Promise.race([member.link.ask('metrics'), late]);
      if (answer === undefined || !members.has(id)) return;
      metrics.told(id, z.array(familySchema).parse(answer));
      answering.add(id);
    });
    return metrics.sum(answering);
  };

  const reload = async (name: string): Promise<ReloadOutcome> => {
    if (reloading) return { kind: 'busy' };
    reloading = true;
    try {
      let outcome: ReloadOutcome | undefined;
      let done = 0;
      for (const id of [...members.keys(), ...starting.keys()]) {
        await starting.get(id);
        const member = members.get(id);
        // One that ends meanwhile is replaced by one that has the new model.
        const answer = await member?.link.ask('reload', name).catch((error: unknown) => {
          if (member.worker.isDead()) return undefined;
          throw error;
        });
        if (answer === undefined) continue;
        const next = reloadOutcomeSchema.parse(answer);
        if (next.kind !== 'reloaded') return partly(next, done, members.size);
        outcome ??= next;
        done++;
      }
      return outcome ?? { kind: 'failed', reason: 'No process answers.' };
    } finally {
      reloading = false;
    }
  };

  /** Resolves when it listens; with its exit code where it ends before. */
  const start = (): Promise<Listening | NotStarted> => {
    const worker = cluster.fork({ [ROLE]: told === undefined ? 'first' : 'other' });
    const { id } = worker;
    const started = new Promise<Listening | NotStarted>((resolve) => {
      const since = performance.now();
      let listens = false;
      const own = link(
        {
          send: (message) => void (worker.isConnected() && worker.send(message, () => {})),
          onMessage: (listener) => void worker.on('message', listener),
        },
        async (what, about) => {
          if (what === 'metrics') return sumMetrics();
          if (what === 'reload') return reload(z.string().parse(about));
          listens = true;
          const listening = listeningSchema.parse(about);
          members.set(id, { worker, link: own });
          if (stopping) void own.ask('stop').catch(() => {});
          resolve(listening);
          return undefined;
        },
      );
      worker.on('error', () => {});
      worker.on('exit', (code, signal) => {
        own.cut();
        members.delete(id);
        metrics.ended(id);
        if (!listens) return resolve({ exitCode: code || 1 });
        if (stopping) return;
        if (performance.now() - since > WELL) failures = 0;
        warn(`process ${worker.process.pid} has ended (${signal ?? `exit code ${code}`}): another takes its place`);
        void replace();
      });
    });
    starting.set(id, started);
    void started.then(() => starting.delete(id));
    return started;
  };

  const replace = async (): Promise<void> => {
    while (!stopping) {
      // At once the first time, then after 1, 2, 4 … seconds, a minute at most.
      if (failures > 0) await setTimeout(Math.min(60, 2 ** (failures - 1)) * 1000, undefined, { ref: false });
      if (stopping) return;
      failures++;
      const started = await start();
      if (!('exitCode' in started)) {
        await each((member) => member.link.ask('ready'));
        return;
      }
      if (members.size === 0 && failures >= MOST_FAILURES) return giveUp();
    }
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    const workers = Object.values(cluster.workers ?? {}).flatMap((worker) => worker ?? []);
    const ended = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
    void each((member) => member.link.ask('stop'));
    // What has not got as far as to listen has nothing to lose.
    for (const worker of workers) if (!members.has(worker.id)) worker.process.kill('SIGKILL');
    const late = globalThis.setTimeout(() => {
      for (const worker of workers) worker.process.kill('SIGKILL');
    }, time + LATE);
    await Promise.all(ended);
    clearTimeout(late);
  };

  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const first = await start();
  if ('exitCode' in first) return first;
  told = first;
  const others = await Promise.all(Array.from({ length: processes - 1 }, start));
  const broken = others.find((other) => 'exitCode' in other);
  if (broken !== undefined && 'exitCode' in broken) {
    await stop();
    return broken;
  }
  await each((member) => member.link.ask('ready'));
  const renew = async () => {
    const outcomes = await Promise.allSettled(
      [...members.keys(), ...starting.keys()].map(async (id) => {
        await starting.get(id);
        await members.get(id)?.link.ask('renew');
      }),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  };
  return { ...told, reload, renew, stop, failed };
}

/** What is loaded anew in some processes and not in others is said. */
function partly(outcome: ReloadOutcome, done: number, all: number): ReloadOutcome {
  if (outcome.kind !== 'failed' || done === 0) return outcome;
  return { kind: 'failed', reason: `${done} of ${all} processes have the new model. ${outcome.reason}` };
}
