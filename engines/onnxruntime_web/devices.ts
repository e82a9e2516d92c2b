/** Where a network can run in this browser. */
import { type Browser, browser } from './browser.js';
import type { WebDevices } from './web_device.js';

/** More gain little for these networks, and a phone's small cores slow the large ones down. */
const MOST_THREADS = 8;

/** Asks the browser; the answer may differ after a driver has failed. */
export async function findDevices(): Promise<WebDevices> {
  const here = browser();
  return { webgpu: await findWebgpu(here), wasm: findThreads(here) };
}

async function findWebgpu({ navigator, isSecureContext }: Browser): Promise<WebDevices['webgpu']> {
  if (navigator.gpu === undefined) {
    const reason = isSecureContext
      ? 'This browser has no WebGPU.'
      : 'Browsers hand out WebGPU only to pages from https:// or localhost.';
    return { available: false, reason };
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (adapter === null) {
    return { available: false, reason: 'The browser has WebGPU, but found no graphics processor that it trusts.' };
  }
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const name = description === '' ? [vendor, architecture].filter((part) => part !== '').join(' ') : description;
  return {
    available: true,
    name: name === '' ? 'a graphics processor without a name' : name,
    software: isFallbackAdapter,
  };
}

function findThreads({ navigator, crossOriginIsolated }: Browser): WebDevices['wasm'] {
  const cores = navigator.hardwareConcurrency;
  if (crossOriginIsolated) return { threads: Math.min(cores, MOST_THREADS), reason: undefined };
  const reason =
    'The server does not send the headers Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy, without which browsers share no memory between threads.';
  return { threads: 1, reason: cores === 1 ? undefined : reason };
}
