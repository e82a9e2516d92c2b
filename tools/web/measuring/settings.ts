/** The form: what is in it, and what of an address fills it. */
import { LowformerError } from '../../../core/errors.js';
import type { WebDevice } from '../../../engines/onnxruntime_web/web_device.js';
import { partSchema } from '../../../measuring/record.js';
import { find } from '../page/elements.js';
import type { MeasuringSettings } from './protocol.js';

const FIELDS = ['first', 'second', 'part', 'size', 'batch', 'rounds'] as const;

/** Fills the fields that an address names: `measure.html?first=lowformer-b0_in1k&size=64`. */
export function fillForm(form: HTMLFormElement, address: URLSearchParams): void {
  for (const name of FIELDS) {
    const value = address.get(name);
    if (value !== null) fieldOf(form, name).value = value;
  }
}

/** An address that fills the form in the same way. */
export function formAddress({ first, second, part, device, size, batch, rounds }: MeasuringSettings): string {
  const fields = {
    first,
    second,
    part,
    device,
    size: String(size.height),
    batch: String(batch),
    rounds: String(rounds),
  };
  return `?${new URLSearchParams(fields)}`;
}

/** @throws {LowformerError} `invalid-argument`, naming the field. */
export function readForm(form: HTMLFormElement, device: WebDevice, threads: number): MeasuringSettings {
  const side = whole(form, 'size', 'the size', 16, 4096);
  const [first, second] = [fieldOf(form, 'first').value, fieldOf(form, 'second').value];
  if (first === '' || second === '') {
    const expected = 'two networks out of the lists';
    throw new LowformerError({ code: 'invalid-argument', where: 'the networks', expected });
  }
  return {
    first,
    second,
    part: partSchema.parse(fieldOf(form, 'part').value),
    device,
    threads,
    size: { height: side, width: side },
    batch: whole(form, 'batch', 'the batch', 1, 256),
    rounds: whole(form, 'rounds', 'the rounds', 1, 1000),
  };
}

function fieldOf(form: HTMLFormElement, name: (typeof FIELDS)[number]): HTMLSelectElement | HTMLInputElement {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLInputElement ? field : find(`[name="${name}"]`, HTMLSelectElement, form);
}

function whole(
  form: HTMLFormElement,
  name: 'size' | 'batch' | 'rounds',
  where: string,
  least: number,
  most: number,
): number {
  const text = fieldOf(form, name).value.trim();
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  const expected = `a whole number from ${least} to ${most}`;
  throw new LowformerError({ code: 'invalid-argument', where, expected, received: text });
}
