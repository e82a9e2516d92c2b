/** Figures as they are printed. */
import type { InputSize, Summary } from '../record.js';

/** Three digits that count: `0.0123`, `1.23`, `12.3`, `123`. */
export function digits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const places = 2 - Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(places, 0), 6));
}

export const millions = (value: number): string => digits(value / 1e6);
export const billions = (value: number): string => digits(value / 1e9);
export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** `12.3 (12.1 to 12.9)`: median and middle half. */
export function withSpread({ median, q25, q75 }: Summary): string {
  return `${digits(median)} (${digits(q25)} to ${digits(q75)})`;
}

/** A ratio with its middle half: `0.83 (0.81 to 0.86)`. */
export function ratioText({ ratio, q25, q75 }: { readonly ratio: number; readonly q25: number; readonly q75: number }) {
  return `${digits(ratio)} (${digits(q25)} to ${digits(q75)})`;
}

/** `512x640`, height before width, as on the command line. */
export function sizeName({ height, width }: InputSize): string {
  return `${height}x${width}`;
}
