/** The networks that the page offers, and the pairs that the paper compares. */
import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { type Claim, PAPER_PAIRS, type PaperPair } from '../../../measuring/paper/published.js';
import type { TaskKind } from '../../../registry/define_task.js';
import { TASKS } from '../../../tasks/index.js';
import type { OptionGroup } from '../page/option_group.js';
import type { MeasuringSettings } from './protocol.js';

/** Every shipped config, by task. */
export function networkMenu(): readonly OptionGroup[] {
  const shipped = Object.entries(SHIPPED_CONFIGS);
  const ofTask = (task: TaskKind) =>
    shipped
      .filter(([, { model }]) => TASKS.get(model.type, 'model.type').task === task)
      .map(([name]) => ({ value: name, text: name }));
  return [
    { label: 'Classifiers', options: ofTask('classification') },
    { label: 'Detectors', options: ofTask('detection') },
    { label: 'Segmentors', options: ofTask('segmentation') },
  ];
}

/** Pairs that run at one size, as the page runs them. */
export const PAGE_PAIRS: readonly PaperPair[] = PAPER_PAIRS.filter(({ first, second }) => first.side === second.side);

/** `LowFormer-B1 and MobileOne-S4`, after the configs' names. */
export function pairMenu(): readonly OptionGroup[] {
  const options = PAGE_PAIRS.map(({ name, first, second }) => {
    const title = (config: string) => config.replace(/_in1k$/, '');
    return { value: name, text: `${title(first.config)} and ${title(second.config)}` };
  });
  return [{ options: [{ value: '', text: 'of your choice' }, ...options] }];
}

/** What the paper says of the same two networks at the same size, whatever the device. */
export function claimsFor({ first, second, part, size: { height } }: MeasuringSettings): readonly Claim[] {
  const pair = PAGE_PAIRS.find(
    (known) =>
      known.first.config === first &&
      known.second.config === second &&
      known.part === part &&
      known.first.side === height,
  );
  return pair?.claims ?? [];
}
