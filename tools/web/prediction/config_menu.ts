import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import type { TaskKind } from '../../../registry/define_task.js';
import { TASKS } from '../../../tasks/index.js';
import type { OptionGroup } from '../page/option_group.js';

/** What the menu calls the small detector that comes with the page. */
export const DEMO = 'demo';
const FILE = 'file:';

/** The demo, the user's own config where one was given, and what ships with the package, by task. */
export function configMenu(ownConfig: string | undefined): readonly OptionGroup[] {
  const shipped = Object.entries(SHIPPED_CONFIGS);
  const ofTask = (task: TaskKind) =>
    shipped
      .filter(([, { model }]) => TASKS.get(model.type, 'model.type').task === task)
      .map(([name]) => ({ value: name, text: name }));
  return [
    { options: [{ value: DEMO, text: 'Blood cells (demo, with weights)' }] },
    ...(ownConfig === undefined
      ? []
      : [{ label: 'Your config', options: [{ value: FILE + ownConfig, text: ownConfig }] }]),
    { label: 'Detection', options: ofTask('detection') },
    { label: 'Segmentation', options: ofTask('segmentation') },
    { label: 'Classification', options: ofTask('classification') },
  ];
}

export function isOwnConfig(value: string): boolean {
  return value.startsWith(FILE);
}

/** The menu's value for the user's own config. */
export function ownConfigValue(name: string): string {
  return FILE + name;
}
