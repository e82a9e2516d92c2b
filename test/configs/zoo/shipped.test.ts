/** A published model's config is the one of its publisher's: network, thresholds, pictures, classes. */
import { describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { publishedModels } from '../../../configs/zoo/index.js';
import { countParameters } from '../../../graph/count.js';
import { openGivenConfig } from '../../../models/given_configs.js';
import { OPENMMLAB_CONFIGS } from '../../openmmlab_configs.js';

const openmmlab = publishedModels.filter(({ source }) => source.startsWith('mm'));

/** The wheel's config; with what it says itself elsewhere. */
async function published(name: string) {
  const [file, changes] = DIFFERENT[name] ?? [name];
  const { config } = OPENMMLAB_CONFIGS.find((other) => other.name === file) ?? expect.fail(`${file}: no such config`);
  return openGivenConfig('config.json', { files: { 'config.json': config }, cfgOptions: changes ?? [] });
}
const DIFFERENT: Readonly<Record<string, readonly [file: string, changes?: readonly string[]]>> = {
  // The file says `model = …` twice, and the second takes the depth of the first away: the checkpoint's is 101.
  'fpn_r101_4xb4-160k_ade20k-512x512': ['fpn_r101_4xb4-160k_ade20k-512x512', ['model.backbone.depth=101']],
  // Name, metafile and checkpoint speak of the first version of the data set, the file names the second's.
  'retinanet_r50-syncbn_fpn_1350k_objects365v1': [
    'retinanet_r50-syncbn_fpn_1350k_objects365v1',
    ['test_dataloader.dataset.type=Objects365V1Dataset'],
  ],
  // The metafile names a file that is not there.
  'fpn_poolformer_s36_8xb4-40k_ade20k-512x512': ['fpn_poolformer_s36_8x4_512x512_40k_ade20k'],
};

test('each is shipped, or is another project’s', () => {
  const names = new Set(Object.keys(SHIPPED_CONFIGS));
  expect(openmmlab.filter(({ name }) => !names.has(name))).toEqual([]);
});

describe.each(openmmlab.filter(({ name }) => Object.hasOwn(SHIPPED_CONFIGS, name)))('$name', (entry) => {
  test('builds the same network, and has as many parameters as the table says', async () => {
    const [own, theirs] = await Promise.all([openGivenConfig(entry.name), published(entry.name)]);
    expect(own.model.task).toBe(entry.task);
    expect(countParameters(own.model.wholeGraph)).toBe(entry.parameters);
    const network = ({ wholeGraph: { nodes, parameters, outputs } }: typeof own.model) =>
      JSON.stringify([nodes, [...parameters], outputs]);
    // Not by `toEqual`, which would print all of it.
    expect(network(own.model) === network(theirs.model), 'equal networks').toBe(true);
  });

  test('its pictures, thresholds, anchors and classes are the publisher’s', async () => {
    const [own, theirs] = await Promise.all([openGivenConfig(entry.name), published(entry.name)]);
    const steps = ({ pipeline }: typeof own) => comparable(pipeline?.filter(({ type }) => type !== 'LoadAnnotations'));
    expect(steps(own)).toEqual(steps(theirs));
    expect(comparable(own.model.preprocessor)).toEqual(comparable(theirs.model.preprocessor));
    if (theirs.labels !== undefined) expect(own.labels).toEqual(theirs.labels);
    expect(own.metaInfo?.palette).toEqual((theirs.metaInfo ?? own.metaInfo)?.palette);
    const parts = ({ model }: typeof own) =>
      model.checked
        .filter(({ path }) => path !== 'model.backbone')
        .map(({ path, config }) => [path, comparable(config)]);
    expect(parts(own)).toEqual(parts(theirs));
    expect(own.unused).toEqual([]);
  });
});

/** Without what says the number of channels again, concerns training and files, or is another name for the same norm. */
function comparable(config: unknown): unknown {
  const left = ['in_channels', 'num_levels', 'loss_cls', 'norm_cfg', 'backend_args', 'meta_keys', 'size'];
  return JSON.parse(JSON.stringify(config, (key, value) => (left.includes(key) ? undefined : value)));
}
