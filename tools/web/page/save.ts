import { formatJson } from '../../../files/format_json.js';
import { make } from './elements.js';

/** Hands a file to the browser to save. */
export function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  make('a', { href: address, download: name }).click();
  // The browser has taken the address by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function saveJson(name: string, value: unknown): void {
  save(name, new Blob([`${formatJson(value)}\n`], { type: 'application/json' }));
}
