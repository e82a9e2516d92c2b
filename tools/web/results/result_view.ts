/** A picture with its result: drawn, listed, and saved. Both pages that show pictures have the elements that it names. */
import type { RgbImage } from '../../../core/frame.js';
import type { Box, Result } from '../../../core/results.js';
import type { GivenPalette } from '../../../drawing/palette.js';
import { encodePng, showImage } from '../page/canvas.js';
import { find, make } from '../page/elements.js';
import type { Messages } from '../page/messages.js';
import { save, saveJson } from '../page/save.js';
import { listResult } from './result_list.js';
import { drawResult, labelImage, type PictureOptions } from './result_picture.js';

export interface ShownResult {
  /** Of the picture's file: what is saved is called after it. */
  readonly name: string;
  readonly image: RgbImage;
  /** In pixels of the picture. */
  readonly result: Result;
  /** The result in pixels of `image`, where that is smaller than the picture. */
  readonly drawn: Result;
  readonly palette: GivenPalette;
  /** An entry of the JSON that is saved. */
  readonly record: object;
}

export interface ResultView<Shown extends ShownResult> {
  /** Shows a picture alone, and why nothing is listed. */
  clear(image: RgbImage | undefined, why: string): void;
  /** @throws what drawing throws. */
  show(shown: Shown): Promise<void>;
  /** Draws anew what is shown. */
  redraw(): void;
}

export interface ResultViewOptions<Shown extends ShownResult> {
  readonly messages: Messages;
  /** Told whenever it was drawn, at the slider's level and in how many milliseconds. */
  readonly onDrawn: (shown: Shown, level: number, milliseconds: number) => void;
  /** Of boxes and names on the canvas, asked at every drawing. */
  readonly strokes?: (image: RgbImage) => PictureOptions['strokes'];
}

/** Takes over the picture, the slider, the list and the buttons to save of the page. */
export function resultView<Shown extends ShownResult>({
  messages,
  onDrawn,
  strokes,
}: ResultViewOptions<Shown>): ResultView<Shown> {
  const canvas = find('#picture', HTMLCanvasElement);
  const slider = find('#threshold', HTMLInputElement);
  const buttons = ['#save-json', '#save-picture', '#save-labels'].map((id) => find(id, HTMLButtonElement));
  const level = () => Number(slider.value);
  let shown: Shown | undefined;

  async function render(current: Shown): Promise<void> {
    const { image, result, drawn, palette } = current;
    const now = level();
    labelSlider(result.kind, now);
    const start = performance.now();
    const options = { palette, threshold: now, opacity: now, legend: false, strokes: strokes?.(image) };
    const picture = await drawResult(image, drawn, options);
    // Another picture has come meanwhile.
    if (shown !== current) return;
    showImage(canvas, picture);
    const milliseconds = performance.now() - start;
    const onPoint = (box: Box | undefined) => point(box, result);
    const { heading, summary, rows } = listResult(result, { palette, threshold: now, onPoint });
    showRows(heading, summary, rows, 'Nothing over this score. Lower it, or try another picture.');
    for (const button of buttons) {
      button.disabled = false;
      button.hidden = button.id === 'save-labels' && result.kind !== 'segmentation';
    }
    onDrawn(current, now, milliseconds);
  }

  let waiting = false;
  const redraw = () => {
    // A large picture takes longer to draw than the slider to move: once a frame is enough.
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (shown !== undefined) render(shown).catch(messages.error);
    });
  };
  slider.addEventListener('input', redraw);

  const onSave = (id: string, write: (now: Shown) => Promise<void> | void) =>
    find(id, HTMLButtonElement).addEventListener('click', async () => {
      try {
        if (shown !== undefined) await write(shown);
      } catch (error) {
        messages.error(error);
      }
    });
  onSave('#save-json', (now) => saveJson(`${baseName(now)}.json`, [now.record]));
  onSave('#save-picture', async (now) => {
    const options = { palette: now.palette, threshold: level(), opacity: level(), legend: true };
    save(`${baseName(now)}.overlay.png`, await encodePng(await drawResult(now.image, now.drawn, options)));
  });
  onSave('#save-labels', async (now) => {
    const { result } = now;
    if (result.kind === 'segmentation') save(`${baseName(now)}.png`, await encodePng(labelImage(result)));
  });

  return {
    clear(image, why) {
      shown = undefined;
      for (const button of buttons) button.disabled = true;
      if (image !== undefined) setImage(canvas, image);
      showRows('Results', '', [], why);
    },
    async show(given) {
      shown = given;
      setImage(canvas, given.image);
      await render(given);
    },
    redraw,
  };
}

function setImage(canvas: HTMLCanvasElement, image: RgbImage): void {
  find('.sheet', HTMLElement).style.setProperty('--ratio', String(image.width / image.height));
  showImage(canvas, image);
}

/** @param empty stands where there are no rows. */
function showRows(heading: string, summary: string, rows: readonly HTMLElement[], empty: string): void {
  find('#list-heading', HTMLElement).textContent = heading;
  find('#list-summary', HTMLElement).textContent = summary;
  find('#list', HTMLElement).replaceChildren(...(rows.length === 0 ? [make('li', { class: 'empty' }, empty)] : rows));
  find('#mark', HTMLElement).hidden = true;
}

/** The slider says which boxes are shown, or how much of a class's colour. */
export function labelSlider(kind: Result['kind'], level: number): void {
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

function baseName({ name }: ShownResult): string {
  return name.replace(/\.\w+$/, '');
}
