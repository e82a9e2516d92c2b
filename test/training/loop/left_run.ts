/** A run that is left at an event and goes on, beside the same run in one piece. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ConfigObject } from '../../../registry/config_tree.js';
import { readTrainingEvents, type TrainingEvent } from '../../../training/events.js';
import { emptyFolder, runTiny } from './tiny_run.js';

export const RUN_FILES = ['last.safetensors', 'best.safetensors', 'resume.safetensors'] as const;

export interface FinishedRun {
  readonly recipe: ConfigObject;
  readonly folder: string;
  readonly events: readonly TrainingEvent[];
}

export async function finishedRun(recipe: ConfigObject): Promise<FinishedRun> {
  const folder = emptyFolder();
  return { recipe, folder, events: await runTiny(folder, { recipe }) };
}

/** Files and log are the same where a run is left after event `left`. */
export async function expectSameBytes({ recipe, folder: whole, events }: FinishedRun, left: number): Promise<void> {
  const folder = emptyFolder();
  let count = 0;
  await runTiny(folder, { recipe, leaves: () => count++ === left });
  await runTiny(folder, { recipe, resume: true });
  for (const name of RUN_FILES) {
    const [own, other] = [folder, whole].map((at) => readFileSync(join(at, name)));
    expect(other !== undefined && own?.equals(other), `${name}, left after event ${left}`).toBe(true);
  }
  expect(withoutTimes(await readTrainingEvents(join(folder, 'log.jsonl')))).toEqual(withoutTimes(events));
}

function withoutTimes(events: readonly TrainingEvent[]): readonly TrainingEvent[] {
  return events.flatMap((event): readonly TrainingEvent[] => {
    if (event.kind === 'step') return [{ ...event, seconds: 0, waitingSeconds: 0 }];
    return event.kind === 'validated' ? [{ ...event, seconds: 0 }] : [];
  });
}
