import type { WebDevice, WebDevices } from '../../../engines/onnxruntime_web/web_device.js';
import { make } from './elements.js';

/** A choice of devices; what is not there cannot be chosen, and says why. */
export interface DeviceChoice {
  readonly chosen: WebDevice;
}

/** Fills a fieldset with one radio button a device. Without a preference the graphics processor is chosen where
 * there is a real one: a driver in software is slower than the processor itself. */
export function offerDevices(
  fieldset: HTMLElement,
  devices: WebDevices,
  onChange: (device: WebDevice) => void,
  preferred?: WebDevice,
): DeviceChoice {
  const { webgpu, wasm } = devices;
  const better: WebDevice = webgpu.available && !webgpu.software ? 'webgpu' : 'wasm';
  let chosen: WebDevice = preferred === 'webgpu' && !webgpu.available ? better : (preferred ?? better);
  const threads = wasm.threads === 1 ? '1 thread' : `${wasm.threads} threads`;
  const rows = [
    {
      device: 'webgpu',
      title: 'WebGPU',
      note: webgpu.available ? webgpu.name + (webgpu.software ? ' (in software, slow)' : '') : webgpu.reason,
      enabled: webgpu.available,
    },
    { device: 'wasm', title: 'Processor', note: [threads, wasm.reason].filter(Boolean).join('. '), enabled: true },
  ] as const;
  const labels = rows.map(({ device, title, note, enabled }) => {
    const radio = make('input', { type: 'radio', name: 'device', value: device });
    radio.checked = device === chosen;
    radio.disabled = !enabled;
    radio.addEventListener('change', () => {
      chosen = device;
      onChange(device);
    });
    return make('label', { class: 'choice' }, radio, make('span', {}, make('b', {}, title), make('small', {}, note)));
  });
  fieldset.querySelectorAll('label').forEach((label) => {
    label.remove();
  });
  fieldset.append(...labels);
  return {
    get chosen() {
      return chosen;
    },
  };
}
