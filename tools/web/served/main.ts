/** The page of `lowformer serve`: asks this server about pictures, and shows what it answers. */
import type { RgbImage } from '../../../core/frame.js';
import type { GivenPalette } from '../../../drawing/palette.js';
import { acceptFiles } from '../page/accept_files.js';
import { fillSelect, find } from '../page/elements.js';
import { pageMessages } from '../page/messages.js';
import { labelSlider, resultView, type ShownResult } from '../results/result_view.js';
import { askModels, askRecord, type Model } from './ask.js';
import { copyButton } from './copy_button.js';
import { curlLine } from './curl.js';
import { pictureTurn } from './picture_turn.js';
import { plainRecord, resultOf, scaledResult } from './record_result.js';
import { greyImage, shownImage } from './shown_image.js';

interface Answered extends ShownResult {
  /** How long the answer took, and what is missing of it. */
  readonly told: string;
}

const menu = find('#model', HTMLSelectElement);
const slider = find('#threshold', HTMLInputElement);
const sheet = find('.sheet', HTMLElement);
const canvas = find('#picture', HTMLCanvasElement);
const messages = pageMessages();
const view = resultView<Answered>({ messages, strokes, onDrawn: ({ told }) => messages.status(told) });
const turn = pictureTurn(() => void look());

let models: readonly Model[] = [];
/** The one that the slider and the line are for. */
let shownModel: Model | undefined;
/** Of the request that runs. */
let asking = new AbortController();

const modelNow = () => models.find(({ name }) => name === menu.value);

/** Lines and letters as large as the page shows them, whatever the picture's size. */
function strokes({ width, height }: RgbImage) {
  const shown = canvas.clientWidth || width;
  const unit = width / shown;
  const letters = (shown < 500 ? 11 : 14) * unit;
  // Below 8 pixels of the picture there are none.
  return { lineWidth: 2 * unit, fontSize: Math.max(letters, Math.min(9, Math.min(width, height) / 4)) };
}

async function listModels(): Promise<void> {
  const before = menu.value;
  try {
    models = await askModels();
    fillSelect(menu, [{ options: models.map(({ name }) => ({ value: name, text: name })) }]);
    if (models.some(({ name }) => name === before)) menu.value = before;
    messages.clearError();
    showModel();
    await look();
  } catch (error) {
    messages.error(error);
  }
}

function showModel(): void {
  const model = modelNow();
  if (model === undefined) return;
  const { task, classes } = model;
  const named = classes.slice(0, 12).join(', ') + (classes.length > 12 ? `, and ${classes.length - 12} more` : '');
  find('#model-facts', HTMLElement).textContent = `${task}: ${named}`;
  // The slider has another meaning for another task.
  if (task !== shownModel?.task) slider.value = '0.5';
  shownModel = model;
  labelSlider(task, Number(slider.value));
  showCurl();
}

/** Asks about the picture; of several questions the last alone is shown. */
async function look(): Promise<void> {
  asking.abort();
  const model = modelNow();
  const { file } = turn;
  showCurl();
  find('#picture-name', HTMLElement).textContent = file?.name ?? '';
  if (model === undefined || file === undefined) return;
  asking = new AbortController();
  const { signal } = asking;
  messages.clearError();
  messages.status('asking…');
  showImage(undefined, 'The model is at work.');
  try {
    const showing = shownImage(file).then((image) => {
      if (!signal.aborted && image !== undefined) showImage(image, 'The model is at work.');
      return image;
    });
    const [{ record, milliseconds }, image] = await Promise.all([askRecord({ model, file, signal }), showing]);
    if (signal.aborted) return;
    const result = resultOf(record, model.classes.length);
    const shown = image ?? greyImage(result);
    showImage(shown, '');
    find('#picture-name', HTMLElement).textContent = `${file.name}, ${result.width}×${result.height}`;
    await view.show({
      name: file.name,
      image: shown,
      result,
      drawn: scaledResult(result, shown),
      palette: paletteOf(model),
      record: plainRecord(record, file.name),
      told: `${Math.round(milliseconds)} ms${image === undefined ? '; this browser cannot show such a file' : ''}`,
    });
  } catch (error) {
    if (signal.aborted) return;
    messages.status('');
    messages.error(error);
    view.clear(undefined, 'There is no answer.');
  }
}

/** A picture without a result, or the place where one can be dropped. */
function showImage(image: RgbImage | undefined, why: string): void {
  sheet.hidden = image === undefined;
  find('#empty', HTMLElement).hidden = image !== undefined;
  view.clear(image, why);
}

function paletteOf({ colours }: Model): GivenPalette {
  return colours.map((colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)));
}

function showCurl(): void {
  const model = modelNow();
  if (model === undefined) return;
  const withKey = !find('#key-field', HTMLLabelElement).hidden;
  const line = curlLine({ model, file: turn.file, threshold: Number(slider.value), withKey });
  find('#curl', HTMLPreElement).textContent = line;
}

acceptFiles(['#picture-file', '#camera-file'], turn.give);
menu.addEventListener('change', () => {
  showModel();
  void look();
});
find('#key', HTMLInputElement).addEventListener('change', () => void listModels());
slider.addEventListener('input', () => {
  if (shownModel !== undefined) labelSlider(shownModel.task, Number(slider.value));
  showCurl();
});
copyButton('#copy', '#curl');
new ResizeObserver(view.redraw).observe(canvas);

void listModels();
