/** The picture and the network in this browser: one is run on the other, and what it finds is shown. */
import type { RgbImage } from '../../../core/frame.js';
import type { Result } from '../../../core/results.js';
import { classificationRecord, detectionRecord, segmentationRecord } from '../../../models/result_records.js';
import type { StageTiming } from '../../../tasks/predictor.js';
import { find } from '../page/elements.js';
import type { Messages } from '../page/messages.js';
import { resultView, type ShownResult } from '../results/result_view.js';
import type { OpenPrediction } from './open_prediction.js';
import { showTimings } from './timings.js';

export interface NamedImage {
  /** What the saved files are called after. */
  readonly name: string;
  readonly image: RgbImage;
  /** How it was made: `read`, `draw scene`. */
  readonly stage: string;
  /** What that took. */
  readonly milliseconds: number;
}

export interface PictureView {
  useImage(picture: NamedImage): Promise<void>;
  useModel(model: OpenPrediction | undefined): Promise<void>;
}

interface TimedResult extends ShownResult {
  readonly picture: NamedImage;
  readonly timing: StageTiming;
}

export function pictureView(messages: Messages): PictureView {
  const view = resultView<TimedResult>({
    messages,
    onDrawn({ picture, result, timing }, level, draw) {
      const { prepare, network, decode } = timing;
      showTimings(find('#timings', HTMLElement), [
        [picture.stage, picture.milliseconds],
        ['resize, normalise', prepare],
        ['network', network],
        [result.kind === 'detection' ? 'boxes' : 'decode', decode],
        ['draw', draw],
      ]);
      messages.status(`${describe(result, level)}, ${(prepare + network + decode).toFixed(0)} ms`);
    },
  });
  let picture: NamedImage | undefined;
  let model: OpenPrediction | undefined;
  let latest = 0;

  async function predict(): Promise<void> {
    const mine = ++latest;
    // What an earlier model found says nothing of this one.
    view.clear(picture?.image, model === undefined ? 'There is no model yet.' : 'The network is at work.');
    if (picture === undefined || model === undefined) return;
    messages.status(`looking at ${picture.name}`);
    const { palette } = model.description;
    const { name, image } = picture;
    try {
      const { result, timing } = await model.predict(image);
      if (mine !== latest) return;
      const record = recordOf(name, result);
      await view.show({ name, image, result, drawn: result, palette, record, picture, timing });
    } catch (error) {
      // A run that was given up for another picture or model is no failure.
      if (mine === latest) throw error;
    }
  }

  return {
    async useImage(given) {
      picture = given;
      find('#picture-name', HTMLElement).textContent = `${given.name}, ${given.image.width}×${given.image.height}`;
      await predict();
    },
    async useModel(given) {
      const task = given?.description.task;
      if (task !== undefined && task !== model?.description.task) find('#threshold', HTMLInputElement).value = '0.5';
      model = given;
      await predict();
    },
  };
}

function describe(result: Result, threshold: number): string {
  switch (result.kind) {
    case 'detection':
      return `${result.detections.filter(({ score }) => score >= threshold).length} of ${result.detections.length} boxes`;
    case 'segmentation':
      return `${result.classes.length} classes`;
    case 'classification':
      return result.ranking[0]?.category ?? 'no class';
  }
}

/** As `lowformer detect`, `segment` and `classify` write it: every box that the config lets through. */
function recordOf(name: string, result: Result): object {
  switch (result.kind) {
    case 'detection':
      return detectionRecord(name, result, result.detections);
    case 'segmentation':
      return segmentationRecord(name, result);
    case 'classification':
      return classificationRecord(name, result, 5);
  }
}
