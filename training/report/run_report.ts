/** A training run as one page: its course, and what its last validation found. */
import { basename, resolve } from 'node:path';
import { page, paragraph, type Section } from '../../analysis/page/html.js';
import { writeWhole } from '../../files/atomic_write.js';
import { readTrainingEvents, type TrainingEvent } from '../events.js';
import type { RunFolder } from '../folder/run_folder.js';
import type { ValidationData } from '../validation/open_validation.js';
import type { TrainingTime, ValidationWatcher } from '../validation/validation.js';
import { detectionPictures } from './detection_pictures.js';
import { configSection, headline, runSections, timeOf } from './run_sections.js';
import { runStory } from './run_story.js';
import { segmentationPictures } from './segmentation_pictures.js';
import type { FinishedValidation, PicturesOfValidation } from './validated_pictures.js';

export interface ReportedRun {
  /** Resolved. */
  readonly config: unknown;
  /** What it is validated on; undefined for a run that is not. */
  readonly validation?:
    | {
        readonly data: ValidationData;
        /** Of the config. */
        readonly classes: readonly string[];
        /** Of the network's label maps. */
        readonly numClasses: number;
      }
    | undefined;
}

export interface RunReport {
  /** Looks on while the network is validated, for the pictures and figures of the page. */
  readonly watcher: Required<ValidationWatcher>;
  /** The page as HTML. @param name of the run, for its title. @throws {LowformerError} for a picture that cannot be read any more. */
  html(events: readonly TrainingEvent[], name: string): Promise<string>;
  /**
   * Writes the page from the log in a run's folder, whole or not at all.
   * @throws {LowformerError} as `html`; `unreadable-file`; `unwritable-file`.
   */
  write(run: Pick<RunFolder, 'folder' | 'files'>): Promise<void>;
}

/**
 * Memory: the figures of the last validation, and its label maps packed.
 * @throws {LowformerError} for classes that are not the data set's.
 */
export function createRunReport({ config, validation }: ReportedRun): RunReport {
  const begin = validation === undefined ? undefined : picturesOf(validation);
  let current: { readonly at: TrainingTime; readonly of: number; readonly pictures: PicturesOfValidation } | undefined;
  let added = 0;
  let finished: FinishedValidation | undefined;

  const report: RunReport = {
    watcher: {
      started(at, of) {
        added = 0;
        current = begin === undefined ? undefined : { at, of, pictures: begin() };
      },
      async picture(picture) {
        if (current === undefined) return;
        const { at, of, pictures } = current;
        await pictures.add(picture);
        added++;
        if (added === of) finished = { at, sections: once(() => pictures.sections()) };
      },
    },
    async html(events, name) {
      const story = runStory(events);
      const validated: readonly Section[] =
        finished === undefined ? [] : withTime(await finished.sections(), finished.at);
      const sections = [...(await runSections(story)), ...validated, configSection(config)];
      return page(`Training: ${name}`, paragraph(headline(story)), sections);
    },
    async write({ folder, files }) {
      const html = await report.html(await readTrainingEvents(files.log), basename(resolve(folder)));
      await writeWhole(files.report, async (file) => void (await file.writeFile(html)));
    },
  };
  return report;
}

function picturesOf({ data, classes, numClasses }: NonNullable<ReportedRun['validation']>): () => PicturesOfValidation {
  switch (data.task) {
    case 'detection':
      return detectionPictures(data.dataset, { classes });
    case 'segmentation':
      return segmentationPictures(data.dataset, { classes, numClasses });
  }
}

/** The page at the end, right behind a validation's, need not draw the same again. */
function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Says in the first one of which validation they all are. */
function withTime([first, ...others]: readonly Section[], at: TrainingTime): readonly Section[] {
  if (first === undefined) return [];
  const lead = paragraph(`This and what follows is of the validation after ${timeOf(at)}.`);
  return [{ ...first, body: lead + first.body }, ...others];
}

/** Several that look on at once, each in its turn. */
export function watchersTogether(watchers: readonly ValidationWatcher[]): Required<ValidationWatcher> {
  return {
    started(at, pictures) {
      for (const watcher of watchers) watcher.started?.(at, pictures);
    },
    async picture(picture) {
      for (const watcher of watchers) await watcher.picture?.(picture);
    },
  };
}
