import type { PublishedModel } from '../../../configs/zoo/index.js';
import type { WebDevice } from '../../../engines/onnxruntime_web/web_device.js';
import { fileSize } from '../../../weights/download/file_size.js';
import { find, make } from '../page/elements.js';
import type { LoadedDescription } from './open_prediction.js';

/** What the page says of the model that runs, or of what is still missing for one. */
export function describeModel(description: LoadedDescription, device: WebDevice): void {
  const { task, type, backbone, classes, parameters, report, milliseconds } = description;
  const facts = [
    ['task', task],
    ['network', `${type}, ${backbone}`],
    ['classes', classes.length <= 4 ? classes.join(', ') : `${classes.length}: ${classes.slice(0, 3).join(', ')} …`],
    ['parameters', `${(parameters / 1e6).toFixed(2)} million`],
    ['weights', report.join('; ')],
    ['ready after', `${(milliseconds / 1000).toFixed(1)} s, on ${device === 'wasm' ? 'the processor' : 'WebGPU'}`],
  ] as const;
  find('#model-facts', HTMLElement).replaceChildren(
    ...facts.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
  );
}

/** @param line what is missing, or what is going on. @param more what can be done about it. */
export function describeWait(line: string, ...more: readonly (Node | string)[]): void {
  find('#model-facts', HTMLElement).replaceChildren(make('dd', { class: 'wait' }, line, ...more));
}

/** Offers to fetch the weights that were published with a config's name. @returns the button that does. */
export function offerWeights({ name, parameters, licence, source, checkpoint }: PublishedModel): HTMLButtonElement {
  const host = new URL(checkpoint.address).host;
  const button = make('button', { type: 'button', id: 'fetch-weights' }, `Download them from ${host}`);
  const size = `about ${fileSize(checkpoint.bytes ?? 4 * parameters)}, ${licence}, published by ${source}`;
  const line = `${name} is chosen. Its weights (${size}) can be downloaded, or drop the file on the page. `;
  const link = make('a', { href: checkpoint.address }, 'The file by itself');
  describeWait(line, button, ' ', link, '.');
  return button;
}
