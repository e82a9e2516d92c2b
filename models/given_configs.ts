/** Configs that lie in no file system: shipped ones, and those that are handed over. No Node API. */
import { SHIPPED_CONFIGS } from '../configs/index.js';
import { LowformerError, nearestName } from '../core/errors.js';
import { type ConfigReader, resolveConfig } from '../registry/config_merge.js';
import { applyOverrides } from '../registry/config_overrides.js';
import type { LowformerConfig } from '../tasks/config.js';
import { type OpenedConfig, openedConfig } from './opened_config.js';

const INLINE = '(config object)';

export interface GivenConfigOptions {
  /** Configs that `_base_` or the name may mean, by file name, each as parsed from JSON. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** Changes: `model.test_cfg.score_thr=0.3`. */
  readonly cfgOptions?: readonly string[];
}

/**
 * Resolves a config, checks it and builds its network, without a file system: the same in a page as in Node.
 * @param config the name of a shipped config or of one of `files`, or a config as an object.
 * @throws {LowformerError} `unreadable-file` for a name that neither has; `invalid-config`, naming the path, for
 *   whatever is wrong with the config.
 */
export async function openGivenConfig(
  config: string | LowformerConfig,
  { files = {}, cfgOptions = [] }: GivenConfigOptions = {},
): Promise<OpenedConfig> {
  const inline = typeof config !== 'string';
  const reader = givenConfigs(inline ? { ...files, [INLINE]: config } : files);
  return openedConfig(applyOverrides(await resolveConfig(inline ? INLINE : config, reader), cfgOptions));
}

/** Finds configs among those that are given, by their names without folders, and among the shipped ones. */
export function givenConfigs(files: Readonly<Record<string, unknown>>): ConfigReader {
  const known = new Map<string, unknown>([...Object.entries(SHIPPED_CONFIGS), ...Object.entries(files)]);
  return {
    async read(reference, from) {
      const name = known.has(reference) ? reference : fileName(reference);
      if (known.has(name)) return { id: name, tree: known.get(name) };
      const near = nearestName(name, [...known.keys()]);
      throw new LowformerError({
        code: 'unreadable-file',
        where: from === undefined ? 'config' : `${from}, _base_`,
        expected: 'a config among the files given here, or the name of a shipped one',
        received: reference,
        hint:
          near === undefined
            ? 'Give all its files together, or one that holds everything: npx lowformer config print CONFIG --json config.json'
            : `Did you mean '${near}'?`,
      });
    },
  };
}

function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
