import { LowformerError } from '../core/errors.js';
import type { OpenedConfig } from './opened_config.js';

/** The parts of an opened config that say where weights come from. */
export type WeightedConfig = Pick<OpenedConfig, 'model' | 'checkpoint' | 'pretrained' | 'metaInfo' | 'classesOf'>;

/** @throws {LowformerError} `invalid-argument` where nothing says which weights to use: results would be noise. */
export function requireWeights({ checkpoint, pretrained }: WeightedConfig, given?: unknown): void {
  if (given !== undefined || checkpoint !== undefined) return;
  const alone = pretrained === undefined ? '' : "The config's init_cfg fills the backbone alone. ";
  const way = (option: string) => `${alone}Name a file with ${option}, or set load_from in the config.`;
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'checkpoint',
    expected: 'trained weights, but none are given',
    hint: way('the option checkpoint'),
    commandHint: way('--checkpoint'),
  });
}
