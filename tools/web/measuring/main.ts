/** The page that measures: two networks in turns, and what may be said of them. */

import { findDevices } from '../../../engines/onnxruntime_web/devices.js';
import { formatJson } from '../../../files/format_json.js';
import { offerDevices } from '../page/device_choice.js';
import { fillSelect, find } from '../page/elements.js';
import { pageMessages } from '../page/messages.js';
import { saveJson } from '../page/save.js';
import { describeMachine } from './machine.js';
import { claimsFor, networkMenu, PAGE_PAIRS, pairMenu } from './networks.js';
import { showOutcome } from './outcome.js';
import type { WebRecord } from './record.js';
import { startRun } from './run.js';
import { fillForm, formAddress, readForm } from './settings.js';

const messages = pageMessages();
const form = find('#form', HTMLFormElement);
const start = find('#start', HTMLButtonElement);
const stop = find('#stop', HTMLButtonElement);
const json = find('#json', HTMLTextAreaElement);
const pairs = find('#pair', HTMLSelectElement);
const [first, second] = [find('#first', HTMLSelectElement), find('#second', HTMLSelectElement)];
const address = new URLSearchParams(location.search);
let shown: WebRecord | undefined;

for (const menu of [first, second]) fillSelect(menu, networkMenu());
fillSelect(pairs, pairMenu());
pairs.value = PAGE_PAIRS[0]?.name ?? '';
choosePair();
if (address.has('first') || address.has('second')) pairs.value = '';
fillForm(form, address);
for (const menu of [first, second]) {
  menu.addEventListener('change', () => {
    pairs.value = '';
  });
}
pairs.addEventListener('change', choosePair);

const devices = await findDevices();
const wanted = address.get('device');
const preferred = wanted === 'wasm' || wanted === 'webgpu' ? wanted : undefined;
const choice = offerDevices(find('#devices', HTMLElement), devices, () => {}, preferred);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  measure().catch(messages.error);
});
find('#copy', HTMLButtonElement).addEventListener('click', () => {
  copy().catch(messages.error);
});
find('#save', HTMLButtonElement).addEventListener('click', () => {
  if (shown !== undefined) saveJson('lowformer_benchmark.json', shown);
});
start.disabled = false;

/** A pair of the paper sets the size and the part that it speaks of. */
function choosePair(): void {
  const pair = PAGE_PAIRS.find(({ name }) => name === pairs.value);
  if (pair === undefined) return;
  first.value = pair.first.config;
  second.value = pair.second.config;
  find('[name="part"]', HTMLSelectElement, form).value = pair.part;
  find('[name="size"]', HTMLInputElement, form).value = String(pair.first.side);
}

async function measure(): Promise<void> {
  messages.clearError();
  const settings = readForm(form, choice.chosen, devices.wasm.threads);
  history.replaceState(null, '', formAddress(settings));
  const progress = find('#progress', HTMLProgressElement);
  start.disabled = true;
  stop.hidden = false;
  progress.hidden = false;
  progress.removeAttribute('value');
  try {
    const run = startRun(settings, describeMachine(settings.device, devices), {
      onStatus: messages.status,
      onRecord: (record) => {
        shown = record;
        progress.value = record.comparison.rounds / settings.rounds;
        showOutcome(find('#outcome', HTMLElement), record, claimsFor(settings));
        json.value = formatJson(record);
        find('#json-card', HTMLElement).hidden = false;
      },
    });
    stop.onclick = run.stop;
    await run.finished;
    // On a phone it stands below the form.
    find('#outcome', HTMLElement).scrollIntoView({ block: 'nearest' });
  } finally {
    start.disabled = false;
    stop.hidden = true;
    progress.hidden = true;
  }
}

async function copy(): Promise<void> {
  // Pages from plain http have no clipboard: selected text can be copied by hand.
  if (isSecureContext) {
    await navigator.clipboard.writeText(json.value);
    messages.status('copied');
  } else {
    json.select();
    messages.status('selected: copy it with your keyboard');
  }
}
