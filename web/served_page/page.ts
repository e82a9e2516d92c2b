/** The page of `lowformer serve`: asks this server about a picture, and shows what it answers. */
import { askModels, askPicture, askRecord, type Model, type PictureRecord } from './ask.js';
import { curlLine } from './curl.js';
import { draw } from './drawing.js';
import { element, keyField, keyLabel, menu, picture, threshold } from './elements.js';
import { type Row, rowsOf, summaryOf } from './rows.js';

/** Rows beyond would only slow the page down. */
const MOST_ROWS = 300;

const list = element('list', HTMLUListElement);
const status = element('status', HTMLSpanElement);
const buttons = [element('save-json', HTMLButtonElement), element('save-picture', HTMLButtonElement)] as const;
const copy = element('copy', HTMLButtonElement);
const line = element('curl', HTMLPreElement);

let models: readonly Model[] = [];
let file: File | undefined;
/** Of the file, as the server gives it. */
let record: PictureRecord | undefined;
/** The file, or for segmentation the server's picture. */
let image: ImageBitmap | undefined;
let pointed: Row['box'];
/** Of the request that runs. */
let asking = new AbortController();

const modelNow = () => models.find(({ name }) => name === menu.value);
const thresholdNow = () => Number(threshold.value);
const colourOf = ({ class_index }: Row) => modelNow()?.colours[class_index] ?? '#888888';
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function showError(text: string): void {
  element('error-text', HTMLParagraphElement).textContent = text;
  element('error', HTMLDivElement).hidden = text === '';
}

async function listModels(): Promise<void> {
  const before = menu.value;
  try {
    models = await askModels();
    menu.replaceChildren(...models.map(({ name }) => new Option(name, name)));
    if (models.some(({ name }) => name === before)) menu.value = before;
    showError('');
    showModel();
    await look();
  } catch (error) {
    showError(messageOf(error));
  }
}

function showModel(): void {
  const model = modelNow();
  if (model === undefined) return;
  const { task, classes } = model;
  const named = classes.slice(0, 12).join(', ') + (classes.length > 12 ? `, and ${classes.length - 12} more` : '');
  element('model-facts', HTMLParagraphElement).textContent = `${task}: ${named}`;
  element('threshold-field', HTMLLabelElement).hidden = task !== 'detection';
  showCurl();
}

/** Asks about the file; of several at a time the last alone is shown. */
async function look(): Promise<void> {
  asking.abort();
  const model = modelNow();
  if (model === undefined || file === undefined) return;
  asking = new AbortController();
  const { signal } = asking;
  setResult(undefined, undefined);
  showError('');
  status.textContent = 'asking…';
  const question = { model, file, signal };
  try {
    const start = performance.now();
    const answer = await askRecord(question);
    const time = Math.round(performance.now() - start);
    // Classes over a picture are drawn by the server.
    const shown = model.task === 'segmentation' ? await askPicture(question) : file;
    const bitmap = await createImageBitmap(shown).catch(() => undefined);
    if (signal.aborted) return;
    setResult(answer, bitmap);
    status.textContent = `${time} ms${bitmap === undefined ? '; this browser cannot show such a file' : ''}`;
  } catch (error) {
    if (signal.aborted) return;
    status.textContent = '';
    showError(messageOf(error));
  }
}

function setResult(answer: PictureRecord | undefined, bitmap: ImageBitmap | undefined): void {
  image?.close();
  [record, image, pointed] = [answer, bitmap, undefined];
  for (const button of buttons) button.disabled = record === undefined;
  picture.hidden = record === undefined;
  element('empty', HTMLParagraphElement).hidden = record !== undefined;
  showResult();
}

function showResult(): void {
  const rows = record === undefined ? [] : rowsOf(record, thresholdNow());
  list.replaceChildren(...rows.slice(0, MOST_ROWS).map((row) => rowElement(row, rows)));
  element('list-summary', HTMLParagraphElement).textContent = record === undefined ? '' : summaryOf(record, rows);
  const size = record === undefined ? '' : `, ${record.width}×${record.height}`;
  element('picture-name', HTMLSpanElement).textContent = file === undefined ? '' : `${file.name}${size}`;
  showCurl();
  drawResult(rows);
}

function drawResult(rows: readonly Row[]): void {
  if (record === undefined) return;
  draw({ width: record.width, height: record.height, image, rows, pointed, colourOf });
}

/** @param rows all that are drawn with it. */
function rowElement(row: Row, rows: readonly Row[]): HTMLLIElement {
  const item = document.createElement('li');
  for (const [name, text] of Object.entries({ swatch: '', name: row.category, value: row.value, bar: '' })) {
    const part = document.createElement('span');
    part.className = name;
    part.textContent = text;
    item.append(part);
  }
  item.style.setProperty('--colour', colourOf(row));
  item.style.setProperty('--share', `${100 * row.share}%`);
  if (row.box === undefined) return item;
  item.tabIndex = 0;
  const point = (box: Row['box']) => () => {
    pointed = box;
    drawResult(rows);
  };
  for (const event of ['pointerenter', 'focus']) item.addEventListener(event, point(row.box));
  for (const event of ['pointerleave', 'blur']) item.addEventListener(event, point(undefined));
  return item;
}

function showCurl(): void {
  const model = modelNow();
  if (model === undefined) return;
  line.textContent = curlLine({ model, file, threshold: thresholdNow(), withKey: !keyLabel.hidden });
}

function open(given: File | undefined): void {
  if (given === undefined) return;
  file = given;
  showResult();
  void look();
}

function save(blob: Blob, ending: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${(file?.name ?? 'picture').replace(/\.[^.]*$/, '')}${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

for (const id of ['picture-file', 'camera-file']) {
  const input = element(id, HTMLInputElement);
  input.addEventListener('change', () => {
    open(input.files?.[0]);
    // The same file may be chosen again.
    input.value = '';
  });
}
menu.addEventListener('change', () => {
  setResult(undefined, undefined);
  showModel();
  void look();
});
keyField.addEventListener('change', () => void listModels());
threshold.addEventListener('input', () => {
  element('threshold-value', HTMLOutputElement).textContent = thresholdNow().toFixed(2);
  showResult();
});
element('error-close', HTMLButtonElement).addEventListener('click', () => showError(''));
buttons[0].addEventListener('click', () => {
  const text = `${JSON.stringify([{ ...record, file: file?.name }], null, 2)}\n`;
  save(new Blob([text], { type: 'application/json' }), '.json');
});
buttons[1].addEventListener('click', () => {
  picture.toBlob((blob) => {
    if (blob !== null) save(blob, '_found.png');
  });
});
copy.addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(line.textContent ?? '');
    copy.textContent = 'Copied';
  } catch {
    // Without TLS a browser keeps pages from the clipboard: then it is marked.
    getSelection()?.selectAllChildren(line);
    copy.textContent = 'Marked';
  }
  setTimeout(() => {
    copy.textContent = 'Copy';
  }, 2000);
});
for (const event of ['dragenter', 'dragover']) {
  addEventListener(event, (drag) => {
    drag.preventDefault();
    document.body.classList.add('dropping');
  });
}
addEventListener('dragleave', ({ relatedTarget }) => {
  if (relatedTarget === null) document.body.classList.remove('dropping');
});
addEventListener('drop', (drop) => {
  drop.preventDefault();
  document.body.classList.remove('dropping');
  open(drop.dataTransfer?.files[0]);
});
new ResizeObserver(() => {
  if (record !== undefined) drawResult(rowsOf(record, thresholdNow()));
}).observe(picture);

void listModels();
