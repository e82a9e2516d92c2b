/** The picture with its result: drawn, listed, timed, and saved. */
import type { RgbImage } from '../../../core/frame.js';
import type { Box, Result } from '../../../core/results.js';
import { classificationRecord, detectionRecord, segmentationRecord } from '../../../models/result_records.js';
import type { StageTiming } from '../../../tasks/predictor.js';
import { encodePng, showImage } from '../page/canvas.js';
import { find, make } from '../page/elements.js';
import type { Messages } from '../page/messages.js';
import { save, saveJson } from '../page/save.js';
import type { OpenPrediction } from './open_prediction.js';
import { listResult } from './result_list.js';
import { drawResult, labelImage } from './result_picture.js';
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

interface Shown {
  readonly picture: NamedImage;
  readonly result: Result;
  readonly timing: StageTiming;
  readonly palette: readonly (readonly number[])[];
}

export function pictureView(messages: Messages): PictureView {
  const canvas = find('#picture', HTMLCanvasElement);
  const slider = find('#threshold', HTMLInputElement);
  const buttons = ['#save-json', '#save-picture', '#save-labels'].map((id) => find(id, HTMLButtonElement));
  let picture: NamedImage | undefined;
  let model: OpenPrediction | undefined;
  let shown: Shown | undefined;
  let latest = 0;

  async function predict(): Promise<void> {
    const mine = ++latest;
    shown = undefined;
    for (const button of buttons) button.disabled = true;
    // What an earlier model found says nothing of this one.
    if (picture !== undefined) showImage(canvas, picture.image);
    showRows('Results', '', [], model === undefined ? 'There is no model yet.' : 'The network is at work.');
    if (picture === undefined || model === undefined) return;
    messages.status(`looking at ${picture.name}`);
    const { palette } = model.description;
    try {
      const { result, timing } = await model.predict(picture.image);
      if (mine !== latest) return;
      shown = { picture, result, timing, palette };
      await render(shown);
    } catch (error) {
      // A run that was given up for another picture or model is no failure.
      if (mine === latest) throw error;
    }
  }

  async function render(current: Shown): Promise<void> {
    const { picture: named, result, timing, palette } = current;
    const level = Number(slider.value);
    labelSlider(result.kind, level);
    const start = performance.now();
    const options = { palette, threshold: level, opacity: level, legend: false };
    const drawn = await drawResult(named.image, result, options);
    // Another picture has come meanwhile.
    if (shown !== current) return;
    showImage(canvas, drawn);
    const draw = performance.now() - start;
    const { prepare, network, decode } = timing;
    showTimings(find('#timings', HTMLElement), [
      [named.stage, named.milliseconds],
      ['resize, normalise', prepare],
      ['network', network],
      [result.kind === 'detection' ? 'boxes' : 'decode', decode],
      ['draw', draw],
    ]);
    showList(result, palette, level);
    for (const button of buttons) {
      button.disabled = false;
      button.hidden = button.id === 'save-labels' && result.kind !== 'segmentation';
    }
    messages.status(`${describe(result, level)}, ${(prepare + network + decode).toFixed(0)} ms`);
  }

  function showList(result: Result, palette: Shown['palette'], threshold: number): void {
    const { heading, summary, rows } = listResult(result, { palette, threshold, onPoint: (box) => point(box, result) });
    showRows(heading, summary, rows, 'Nothing over this score. Lower it, or try another picture.');
  }

  let waiting = false;
  slider.addEventListener('input', () => {
    // A large picture takes longer to draw than the slider to move: once a frame is enough.
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (shown !== undefined) render(shown).catch(messages.error);
    });
  });
  find('#save-json', HTMLButtonElement).addEventListener('click', () => {
    if (shown !== undefined) saveJson(`${baseName(shown)}.json`, [recordOf(shown)]);
  });
  find('#save-picture', HTMLButtonElement).addEventListener('click', () => {
    if (shown !== undefined) saveDrawn(shown, Number(slider.value)).catch(messages.error);
  });
  find('#save-labels', HTMLButtonElement).addEventListener('click', () => {
    if (shown !== undefined) saveLabels(shown).catch(messages.error);
  });
  return {
    async useImage(given) {
      picture = given;
      find('.sheet', HTMLElement).style.setProperty('--ratio', String(given.image.width / given.image.height));
      find('#picture-name', HTMLElement).textContent = `${given.name}, ${given.image.width}×${given.image.height}`;
      await predict();
    },
    async useModel(given) {
      const task = given?.description.task;
      if (task !== undefined && task !== model?.description.task) slider.value = '0.5';
      model = given;
      await predict();
    },
  };
}

/** @param empty stands where there are no rows. */
function showRows(heading: string, summary: string, rows: readonly HTMLElement[], empty: string): void {
  find('#list-heading', HTMLElement).textContent = heading;
  find('#list-summary', HTMLElement).textContent = summary;
  find('#list', HTMLElement).replaceChildren(...(rows.length === 0 ? [make('li', { class: 'empty' }, empty)] : rows));
  find('#mark', HTMLElement).hidden = true;
}

function labelSlider(kind: Result['kind'], level: number): void {
  find('#threshold-field', HTMLElement).hidden = kind === 'classification';
  find('#threshold-label', HTMLElement).textContent = kind === 'detection' ? 'Score from' : 'Colour';
  find('#threshold-value', HTMLOutputElement).textContent = level.toFixed(2);
}

/** Marks a box over the canvas, which is shown at any size: the mark's place is in percent. */
function point(box: Box | undefined, { width, height }: Result): void {
  const mark = find('#mark', HTMLElement);
  mark.hidden = box === undefined;
  if (box === undefined) return;
  const [x1, y1, x2, y2] = box;
  const percent = (part: number, whole: number) => `${(100 * part) / whole}%`;
  mark.style.left = percent(x1, width);
  mark.style.top = percent(y1, height);
  mark.style.width = percent(x2 - x1, width);
  mark.style.height = percent(y2 - y1, height);
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

function baseName({ picture: { name } }: Shown): string {
  return name.replace(/\.\w+$/, '');
}

/** As `lowformer detect`, `segment` and `classify` write it: every box that the config lets through. */
function recordOf({ picture: { name }, result }: Shown): unknown {
  switch (result.kind) {
    case 'detection':
      return detectionRecord(name, result, result.detections);
    case 'segmentation':
      return segmentationRecord(name, result);
    case 'classification':
      return classificationRecord(name, result, 5);
  }
}

async function saveDrawn(shown: Shown, level: number): Promise<void> {
  const { picture, result, palette } = shown;
  const options = { palette, threshold: level, opacity: level, legend: true };
  save(`${baseName(shown)}.overlay.png`, await encodePng(await drawResult(picture.image, result, options)));
}

async function saveLabels(shown: Shown): Promise<void> {
  if (shown.result.kind === 'segmentation') save(`${baseName(shown)}.png`, await encodePng(labelImage(shown.result)));
}
