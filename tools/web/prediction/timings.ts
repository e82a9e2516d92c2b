import { make } from '../page/elements.js';

/** Milliseconds of one picture, stage by stage, in their order. */
export type Stages = readonly (readonly [name: string, milliseconds: number])[];

/** A bar cut into the stages' shares, and their figures below. */
export function showTimings(container: HTMLElement, stages: Stages): void {
  const total = stages.reduce((sum, [, milliseconds]) => sum + milliseconds, 0);
  const parts = stages.map(([name, milliseconds], i) => {
    const part = make('span', { class: `stage stage-${i}`, title: `${name}: ${figure(milliseconds)} ms` });
    part.style.flexGrow = String(Math.max(milliseconds / total, 0.004));
    return part;
  });
  const figures = [...stages, ['together', total] as const].map(([name, milliseconds], i) =>
    make(
      'div',
      { class: i < stages.length ? `figure stage-${i}` : 'figure total' },
      make('dt', {}, name),
      make('dd', {}, `${figure(milliseconds)} ms`),
    ),
  );
  container.replaceChildren(
    make('div', { class: 'stages', 'aria-hidden': 'true' }, ...parts),
    make('dl', {}, ...figures),
  );
}

function figure(milliseconds: number): string {
  return milliseconds < 10 ? milliseconds.toFixed(1) : milliseconds.toFixed(0);
}
