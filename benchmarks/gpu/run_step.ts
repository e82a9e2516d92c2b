/** One step in a process of its own, with an end in time: a driver that hangs or crashes costs that step alone. */
import { type ChildProcess, fork } from 'node:child_process';
import { messageSchema, type StepRecord } from './record.js';

export interface StepLimits {
  /** Seconds until the step is asked to end; it is killed `grace` seconds later. */
  readonly seconds: number;
  readonly grace: number;
}

export interface StepProgram {
  readonly program: URL;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** @param onChange told of the record as it grows. */
export async function runStep(
  name: string,
  { program, args, env }: StepProgram,
  { seconds, grace }: StepLimits,
  onChange: (record: StepRecord) => void,
): Promise<StepRecord> {
  const start = performance.now();
  const rows: StepRecord['rows'] = [];
  let failure: string | undefined;
  let missing: string | undefined;
  let said = '';
  const record = (outcome: StepRecord['outcome'], reason?: string): StepRecord => ({
    name,
    outcome,
    seconds: Math.round((performance.now() - start) / 100) / 10,
    ...(reason === undefined ? {} : { reason }),
    rows: [...rows],
  });
  // A group of its own, so that what it has started is killed with it.
  const child = fork(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (piece) => {
      said = (said + String(piece)).slice(-1000);
    });
  }
  child.on('message', (received) => {
    const message = messageSchema.parse(received);
    if (message.kind === 'failure') failure = message.reason;
    else if (message.kind === 'missing') missing = message.reason;
    else {
      rows.push(message.row);
      onChange(record('out of time', 'the run ended meanwhile'));
    }
  });
  const ended = await ending(child, 1000 * (seconds + grace));
  if (ended === 'late') return record('out of time', `no end after ${Math.round(seconds + grace)} s; it was killed`);
  if (missing !== undefined) return record('not here', missing);
  if (failure !== undefined) return record(failure === 'its time was up' ? 'out of time' : 'failed', failure);
  if (ended === 'done') return record('done');
  return record('failed', `its process ended early (${ended}): ${lastWords(said)}`);
}

/** The line that names an error, else the last one. */
function lastWords(said: string): string {
  const lines = said.trim().split('\n');
  return (lines.find((line) => /Error\b.*:/.test(line)) ?? lines.at(-1) ?? '').trim();
}

/** `done`, `late`, or how else it ended. */
function ending(child: ChildProcess, milliseconds: number): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      killGroup(child);
      // A process that hangs inside the driver may outlive even that: nobody waits for it.
      child.unref();
      child.channel?.unref();
      resolve('late');
    }, milliseconds);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve(code === 0 ? 'done' : `${signal ?? `exit code ${code}`}`);
    });
  });
}

export function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
