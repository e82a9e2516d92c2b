/** A training run as the person sees it who has started it: how far it is, what it has come to, what is odd. */
import type { Log, Progress } from '../../core/log.js';
import { noteText } from '../../core/notes.js';
import type { TrainingEvent, TrainingEventOf } from '../../training/events.js';
import { duration, endLines, startLine, stepSummary, validationLine, waitingAdvice } from './event_lines.js';

export interface TrainingWatch {
  event(event: TrainingEvent): void;
  /** Nothing more comes, for whatever reason. */
  stop(): void;
}

/** Steps whose mean a line says, as many as mmengine's LoggerHook takes. */
const WINDOW = 10;
/** After so many steps it is said, once, where the network waits for its pictures. */
const JUDGED_AFTER = 30;

/** @param folder of the run, as the user names it. @param now milliseconds, for tests. */
export function watchTraining(log: Log, folder: string, now: () => number = () => performance.now()): TrainingWatch {
  let started: TrainingEventOf<'started'> | undefined;
  let progress: Progress | undefined;
  const recent: TrainingEventOf<'step'>[] = [];
  let start = 0;
  let before = 0;
  let done = 0;
  let judged = false;

  const stop = (): void => {
    progress?.stop();
    progress = undefined;
  };
  /** A line of its own; a bar is drawn anew below it. */
  const say = (line: string): void => {
    if (progress?.timed === true) stop();
    log.say(line);
  };
  const step = (event: TrainingEventOf<'step'>): void => {
    recent.push(event);
    if (recent.length > JUDGED_AFTER) recent.shift();
    done = event.iteration;
    const total = started?.iterations ?? done;
    if (!judged && recent.length === JUDGED_AFTER) {
      judged = true;
      const advice = waitingAdvice(recent);
      if (advice !== undefined) say(advice);
    }
    progress ??= log.progress(total, 'steps', 'some', done - 1);
    const summary = stepSummary(recent.slice(-WINDOW), started);
    progress.done(progress.timed ? summary : `${summary}${speed(total)}`);
  };
  /** Of the whole run so far, so that the time of validations counts. */
  const speed = (total: number): string => {
    const perStep = (now() - start) / 1000 / Math.max(1, done - before);
    const rate = perStep < 1 ? `${(1 / perStep).toFixed(1)} steps/s` : `${perStep.toFixed(1)} s a step`;
    return `, ${rate}, ${duration((total - done) * perStep)} left`;
  };

  return {
    event(event) {
      switch (event.kind) {
        case 'started':
          started = event;
          start = now();
          before = event.resumedFrom?.iteration ?? 0;
          return say(startLine(event));
        case 'step':
          return step(event);
        case 'validated':
          return say(validationLine(event, started?.epochs !== undefined));
        case 'note':
          if (progress?.timed === true) stop();
          return log.warn(noteText(event.note));
        case 'checkpoint':
          return;
        case 'finished':
          stop();
          for (const line of endLines(event, folder)) log.say(line);
      }
    },
    stop,
  };
}
