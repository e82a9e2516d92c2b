/**
 * The page of `lowformer serve`: asks this server about a picture, and draws what it answers.
 * Boxes are drawn here, so that the slider needs no second answer; classes over a picture are drawn by the server.
 */

const find = (id) => document.getElementById(id);
const [picture, list, status, menu, keyField] = ['picture', 'list', 'status', 'model', 'key'].map(find);
const context = picture.getContext('2d');

/** Canvases beyond are slow on phones. */
const MOST_SIDE = 2048;
/** Rows beyond would only slow the page down. */
const MOST_ROWS = 300;

const state = {
  models: [],
  file: undefined,
  /** The record of the file, as the server gives it. */
  record: undefined,
  /** What is drawn under the boxes: the file, or the server's picture; undefined where this browser cannot show it. */
  image: undefined,
  pointed: undefined,
  /** Of the request that runs. */
  asking: new AbortController(),
};

const modelNow = () => state.models.find(({ name }) => name === menu.value);
const thresholdNow = () => Number(find('threshold').value);
const keyHeader = () => (keyField.value === '' ? {} : { authorization: `Bearer ${keyField.value}` });

function showError(text) {
  find('error-text').textContent = text;
  find('error').hidden = text === '';
}

/** An answer that is none of HTTP's successes, as the server says it. */
async function refusal(response) {
  if (response.status === 401) find('key-field').hidden = false;
  const text = await response.text();
  try {
    return new Error(JSON.parse(text).detail ?? text);
  } catch {
    return new Error(`${response.status} ${response.statusText}`);
  }
}

const UNREACHED = 'The server does not answer. Perhaps it has ended, or the network is down.';

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...options.headers, ...keyHeader() } });
  } catch (error) {
    throw error.name === 'AbortError' ? error : new Error(UNREACHED);
  }
  if (response.ok) return response;
  throw await refusal(response);
}

async function listModels() {
  const before = menu.value;
  try {
    const { models } = await (await ask('v1/models')).json();
    state.models = models;
    menu.replaceChildren(...models.map(({ name }) => new Option(name, name)));
    if (models.some(({ name }) => name === before)) menu.value = before;
    showError('');
    showModel();
    await look();
  } catch (error) {
    showError(error.message);
  }
}

function showModel() {
  const { task, classes } = modelNow();
  const named = classes.slice(0, 12).join(', ') + (classes.length > 12 ? `, and ${classes.length - 12} more` : '');
  find('model-facts').textContent = `${task}: ${named}`;
  find('threshold-field').hidden = task !== 'detection';
  showCurl();
}

/** Asks about the file; of several at a time the last alone is shown. */
async function look() {
  state.asking.abort();
  const model = modelNow();
  const { file } = state;
  if (model === undefined || file === undefined) return;
  const asking = new AbortController();
  state.asking = asking;
  setResult(undefined, undefined);
  showError('');
  status.textContent = 'asking…';
  const path = `v1/models/${encodeURIComponent(model.name)}/${model.verb}`;
  const type = file.type.startsWith('image/') ? file.type : 'application/octet-stream';
  const post = (accept) =>
    ask(path, { method: 'POST', body: file, signal: asking.signal, headers: { 'content-type': type, accept } });
  try {
    const start = performance.now();
    const [record] = await (await post('application/json')).json();
    const time = Math.round(performance.now() - start);
    const shown = model.task === 'segmentation' ? await (await post('image/png')).blob() : file;
    const image = await createImageBitmap(shown).catch(() => undefined);
    if (asking.signal.aborted) return;
    setResult(record, image);
    status.textContent = `${time} ms${image === undefined ? '; this browser cannot show such a file' : ''}`;
  } catch (error) {
    if (asking.signal.aborted) return;
    status.textContent = '';
    showError(error.message);
  }
}

function setResult(record, image) {
  state.image?.close();
  Object.assign(state, { record, image, pointed: undefined });
  for (const id of ['save-json', 'save-picture']) find(id).disabled = record === undefined;
  picture.hidden = record === undefined;
  find('empty').hidden = record !== undefined;
  showResult();
}

function showResult() {
  const { record } = state;
  const rows = record === undefined ? [] : rowsOf(record);
  list.replaceChildren(...rows.slice(0, MOST_ROWS).map(rowElement));
  find('list-summary').textContent = record === undefined ? '' : summaryOf(record, rows);
  find('picture-name').textContent =
    state.file === undefined ? '' : state.file.name + (record ? `, ${record.width}×${record.height}` : '');
  showCurl();
  draw();
}

/** Names, values and shares of what a record tells. */
function rowsOf(record) {
  if (record.detections) {
    return record.detections
      .filter(({ score }) => score >= thresholdNow())
      .map((found) => ({ ...found, value: found.score.toFixed(2), share: found.score }));
  }
  if (record.classes) {
    const all = record.width * record.height;
    return record.classes.map((found) => ({ ...found, value: percent(found.pixels / all), share: found.pixels / all }));
  }
  return record.top.map((found) => ({ ...found, value: percent(found.score), share: found.score }));
}

function summaryOf(record, rows) {
  if (record.top) return rows[0].category;
  if (record.classes) return rows.length === 1 ? '1 class occurs' : `${rows.length} classes occur`;
  if (rows.length === 0) return record.detections.length === 0 ? 'nothing found' : 'nothing with such a score';
  const counts = new Map();
  for (const { category } of rows) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].map(([category, count]) => `${count} ${category}`).join(', ');
}

function rowElement(row) {
  const item = document.createElement('li');
  for (const [name, text] of [
    ['swatch', ''],
    ['name', row.category],
    ['value', row.value],
    ['bar', ''],
  ]) {
    const part = document.createElement('span');
    part.className = name;
    part.textContent = text;
    item.append(part);
  }
  item.style.setProperty('--colour', colourOf(row));
  item.style.setProperty('--share', `${100 * row.share}%`);
  if (row.bbox === undefined) return item;
  item.tabIndex = 0;
  const point = (bbox) => () => {
    state.pointed = bbox;
    draw();
  };
  for (const event of ['pointerenter', 'focus']) item.addEventListener(event, point(row.bbox));
  for (const event of ['pointerleave', 'blur']) item.addEventListener(event, point(undefined));
  return item;
}

const colourOf = ({ class_index }) => modelNow().colours[class_index];
const percent = (share) => `${(100 * share).toFixed(1)} %`;

function draw() {
  const { record, image, pointed } = state;
  if (record === undefined) return;
  const scale = Math.min(1, MOST_SIDE / Math.max(record.width, record.height));
  picture.width = Math.max(1, Math.round(record.width * scale));
  picture.height = Math.max(1, Math.round(record.height * scale));
  picture.style.setProperty('--ratio', picture.width / picture.height);
  if (image === undefined) {
    context.fillStyle = '#888';
    context.fillRect(0, 0, picture.width, picture.height);
  } else context.drawImage(image, 0, 0, picture.width, picture.height);
  if (!record.detections) return;
  // Lines and letters as large as the page shows them, whatever the picture's size.
  const unit = picture.width / (picture.clientWidth || picture.width);
  // The best are on top, and no line runs through a name.
  const rows = rowsOf(record).toReversed();
  for (const row of rows) drawBox(row, scale, (pointed === row.bbox ? 5 : 2) * unit);
  for (const row of rows) drawName(row, scale, unit);
}

function drawBox(row, scale, lineWidth) {
  context.strokeStyle = colourOf(row);
  context.lineWidth = lineWidth;
  context.strokeRect(...row.bbox.map((value) => value * scale));
}

function drawName(row, scale, unit) {
  const [x, y] = row.bbox.map((value) => value * scale);
  const colour = colourOf(row);
  const letters = (picture.clientWidth < 500 ? 10 : 13) * unit;
  const text = `${row.category} ${row.value}`;
  context.font = `500 ${letters}px system-ui, sans-serif`;
  const [tagWidth, tagHeight] = [context.measureText(text).width + 8 * unit, 1.45 * letters];
  const left = Math.max(0, Math.min(x - unit, picture.width - tagWidth));
  const top = y >= tagHeight ? y - tagHeight : y;
  context.fillStyle = colour;
  context.fillRect(left, top, tagWidth, tagHeight);
  context.fillStyle = isLight(colour) ? '#000' : '#fff';
  context.textBaseline = 'middle';
  context.fillText(text, left + 4 * unit, top + tagHeight / 2);
}

/** Whether black stands out more than white: at a relative luminance of 0.179 both have the same contrast (WCAG 2.2). */
function isLight(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
}

/** In quotes as a shell takes them: nothing in it means anything. */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The same from a shell. The key is not in it. */
function showCurl() {
  const model = modelNow();
  if (model === undefined) return;
  const address = new URL(`v1/models/${encodeURIComponent(model.name)}/${model.verb}`, location.href);
  if (model.task === 'detection') address.searchParams.set('score-thr', String(thresholdNow()));
  const file = state.file ?? { name: 'picture.jpg', type: 'image/jpeg' };
  const type = file.type.startsWith('image/') ? file.type : 'application/octet-stream';
  const words = ['curl', '--data-binary', `@${file.name}`, '--header', `content-type: ${type}`];
  const key = find('key-field').hidden ? '' : ' --header "authorization: Bearer $LOWFORMER_KEY"';
  find('curl').textContent = `${words.map(quoted).join(' ')}${key} ${quoted(address.href)}`;
}

function open(file) {
  if (file === undefined) return;
  state.file = file;
  showResult();
  look();
}

function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const baseName = () => state.file.name.replace(/\.[^.]*$/, '');

for (const id of ['picture-file', 'camera-file']) {
  find(id).addEventListener('change', ({ target }) => {
    open(target.files[0]);
    // The same file may be chosen again.
    target.value = '';
  });
}
menu.addEventListener('change', () => {
  setResult(undefined, undefined);
  showModel();
  look();
});
keyField.addEventListener('change', listModels);
find('threshold').addEventListener('input', () => {
  find('threshold-value').textContent = thresholdNow().toFixed(2);
  showResult();
});
find('error-close').addEventListener('click', () => showError(''));
find('save-json').addEventListener('click', () => {
  const text = `${JSON.stringify([{ ...state.record, file: state.file.name }], null, 2)}\n`;
  save(new Blob([text], { type: 'application/json' }), `${baseName()}.json`);
});
find('save-picture').addEventListener('click', () => {
  picture.toBlob((blob) => save(blob, `${baseName()}_found.png`));
});
find('copy').addEventListener('click', async () => {
  const line = find('curl');
  try {
    await navigator.clipboard.writeText(line.textContent);
    find('copy').textContent = 'Copied';
  } catch {
    // Without TLS a browser keeps pages from the clipboard: then it is marked.
    getSelection().selectAllChildren(line);
    find('copy').textContent = 'Marked';
  }
  setTimeout(() => {
    find('copy').textContent = 'Copy';
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
  open(drop.dataTransfer.files[0]);
});
new ResizeObserver(draw).observe(picture);

listModels();
