/** What a run's log tells, sorted by what it is about. */
import type { TrainingEvent, TrainingEventOf } from '../events.js';

export interface RunStory {
  /** Of the run as it goes now: a run that was interrupted has begun more than once. */
  readonly started: TrainingEventOf<'started'> | undefined;
  /** How often it went on after it had stopped. */
  readonly resumptions: number;
  readonly steps: readonly TrainingEventOf<'step'>[];
  readonly validations: readonly TrainingEventOf<'validated'>[];
  /** The best validation so far. */
  readonly best: TrainingEventOf<'validated'> | undefined;
  readonly notes: readonly TrainingEventOf<'note'>['note'][];
  /** undefined while it goes on. */
  readonly finished: TrainingEventOf<'finished'> | undefined;
  /** Iterations that are done. */
  readonly iteration: number;
}

/** @param events in order. */
export function runStory(events: readonly TrainingEvent[]): RunStory {
  const starts: TrainingEventOf<'started'>[] = [];
  const steps: TrainingEventOf<'step'>[] = [];
  const validations: TrainingEventOf<'validated'>[] = [];
  // A run that goes on notes the same once more.
  const notes = new Map<string, TrainingEventOf<'note'>['note']>();
  let finished: TrainingEventOf<'finished'> | undefined;
  for (const event of events) {
    switch (event.kind) {
      case 'started':
        starts.push(event);
        finished = undefined;
        break;
      case 'step':
        steps.push(event);
        break;
      case 'validated':
        validations.push(event);
        break;
      case 'note':
        notes.set(JSON.stringify([event.note.kind, event.note.where, event.note.message]), event.note);
        break;
      case 'finished':
        finished = event;
        break;
      case 'checkpoint':
    }
  }
  return {
    started: starts.at(-1),
    resumptions: starts.filter(({ resumedFrom }) => resumedFrom !== undefined).length,
    steps,
    validations,
    best: validations.findLast(({ isBest }) => isBest),
    notes: [...notes.values()],
    finished,
    iteration: events.reduce((most, { iteration }) => Math.max(most, iteration), 0),
  };
}

/** The middle of a list; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
