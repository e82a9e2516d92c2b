/** What is said of the workers of a run. */
import type { WorkerState } from './board.js';

/** More are summed up. */
const MOST_NAMED = 4;

/** `; 2 workers: node1:71 4.9, node2:12 5.2 pictures/s`; of many the mean, and the slowest by name. */
export function workersLine(workers: readonly WorkerState[]): string {
  const atWork = workers.filter(({ refuses }) => refuses === undefined);
  const count = `; ${atWork.length} ${atWork.length === 1 ? 'worker' : 'workers'}`;
  const rated = atWork
    .flatMap((worker) => (worker.pictures === 0 ? [] : [{ name: worker.name, rate: speedOf(worker) }]))
    .toSorted((a, b) => a.rate - b.rate);
  const [slowest] = rated;
  if (slowest === undefined) return count;
  if (rated.length <= MOST_NAMED) {
    const named = rated.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return `${count}: ${named.map(({ name, rate }) => `${name} ${rate.toFixed(1)}`).join(', ')} pictures/s`;
  }
  const mean = rated.reduce((sum, { rate }) => sum + rate, 0) / rated.length;
  return `${count}: ${mean.toFixed(1)} pictures/s each, the slowest ${slowest.name} ${slowest.rate.toFixed(1)}`;
}

/** Pictures a second since its first shard. */
function speedOf({ pictures, seconds }: WorkerState): number {
  return seconds === 0 ? 0 : pictures / seconds;
}

/** Numbers of different processors differ in the last bits: which there are, where there are several. */
export function processorsLine(workers: readonly WorkerState[]): string | undefined {
  const names = [...new Set(workers.filter(({ refuses }) => refuses === undefined).map(({ processor }) => processor))];
  if (names.length < 2) return undefined;
  return `workers have different processors (${names.toSorted().join('; ')}): the last bits of the numbers may depend on who did what`;
}
