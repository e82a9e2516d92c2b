import { weightsPage } from '../configs/zoo/by_hand.js';
import { LowformerError } from '../core/errors.js';
import type { OpenedConfig } from './opened_config.js';

/** The parts of an opened config that say where weights come from. */
export type WeightedConfig = Pick<OpenedConfig, 'model' | 'checkpoint' | 'pretrained' | 'metaInfo' | 'classesOf'>;

/**
 * @param given what the user names, where the config does not have it as its `checkpoint` already.
 * @param name of the config, where it has one.
 * @throws {LowformerError} `invalid-argument` where nothing says which weights to use: results would be noise.
 */
export function requireWeights({ checkpoint, pretrained }: WeightedConfig, name?: unknown, given?: unknown): void {
  if (given !== undefined || checkpoint !== undefined) return;
  const alone = pretrained === undefined ? '' : "The config's init_cfg fills the backbone alone. ";
  const page = typeof name === 'string' ? weightsPage(name) : undefined;
  const byHand = page === undefined ? '' : ` Its authors publish them on ${page}: save the file from there by hand.`;
  const way = (option: string) => `${alone}Name a file with ${option}, or set load_from in the config.${byHand}`;
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'checkpoint',
    expected: 'trained weights, but none are given',
    hint: way('the option checkpoint'),
    commandHint: way('--checkpoint'),
  });
}
