/** Numbers of a training run as people read them. */

/** A figure as people compare them: four digits behind the point, and a dash where nothing is to be measured. */
export function figure(value: number): string {
  return Number.isNaN(value) || value === -1 ? '–' : value.toFixed(4);
}

/** `1.6e-5`, `0.0008`: as configs write learning rates, to three digits. */
export function rate(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
