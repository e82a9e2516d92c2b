/** Class names and colours that a checkpoint brings, where a config does not say them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { coco } from '../../data/classes/coco.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { loadDetector } from '../../models/load_model.js';
import { openModelWeights } from '../../models/network_weights.js';
import { buildModel } from '../../tasks/build_model.js';
import { formulaNetwork } from '../run_network.js';
import { detector, drawPicture } from '../tools/tiny_models.js';
import { type Saved, torchFile } from '../weights/torch_file.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { model, test_pipeline } = detector;
let files = 0;

/** A config file with what is given beside the network, and a checkpoint with this `meta`. */
function written(rest: object, meta: Saved, classes = 3) {
  const bbox_head = { ...model.bbox_head, num_classes: classes };
  const network = { ...model, bbox_head };
  const [config, checkpoint] = [join(folder, `${++files}.json`), join(folder, `${files}.pth`)];
  writeFileSync(config, JSON.stringify({ model: network, test_pipeline, ...rest }));
  const { graph, parameters } = formulaNetwork(buildModel(network).wholeGraph);
  const state = Object.fromEntries([...graph.parameters.keys()].map((name) => [name, parameters(name)]));
  writeFileSync(checkpoint, torchFile({ state_dict: state, meta }));
  return { config, checkpoint };
}

const opened = ({ config, checkpoint }: ReturnType<typeof written>) => openConfigFor(checkpoint, config);
const palette = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
];

test('a config without class names has the file’s', async () => {
  const { config, checkpoint } = written({}, { dataset_meta: { classes: ["a 'b'", 'dog, "cat"', 'Ü=1'], palette } });
  await using loaded = await loadDetector(config, { checkpoint });
  expect(loaded.classes).toEqual(["a 'b'", 'dog, "cat"', 'Ü=1']);
  expect(loaded.palette).toEqual(palette);
  expect(loaded.config.metainfo).toEqual({ classes: loaded.classes, palette });
  expect((await loaded.predict(drawPicture(60, 40))).kind).toBe('detection');
});

test('those of a data set that is known come with its ids', async () => {
  const { metaInfo, notes } = await opened(written({}, { CLASSES: coco.classes }, 80));
  expect(metaInfo).toEqual(coco);
  expect(notes).toMatchObject([{ kind: 'checkpoint-classes', message: 'classes are named as it says' }]);
});

test('the file’s come before what the type of a data set implies', async () => {
  const dataset = { test_dataloader: { dataset: { type: 'CocoDataset' } } };
  const own = Array.from({ length: 80 }, (_, i) => `class ${i}`);
  expect((await opened(written(dataset, { CLASSES: own }, 80))).metaInfo).toEqual({ classes: own });
  expect((await opened(written(dataset, { CLASSES: coco.classes }, 80))).metaInfo).toEqual(coco);
});

const config = { metainfo: { classes: ['a', 'b', 'c'], category_ids: [4, 5, 6] } };

/** What is said while the weights are opened. */
async function said(files: ReturnType<typeof written>): Promise<readonly string[]> {
  const lines: string[] = [];
  const { checkpoint } = files;
  const loaded = await opened(files);
  using _ = await openModelWeights(loaded, { checkpoint }, (line) => lines.push(line));
  expect(loaded.metaInfo).toEqual(config.metainfo);
  return lines.map((line) => line.replace(`${checkpoint}: `, ''));
}

test('names that the config writes out stay, and it is said where the file’s are others', async () => {
  const loading = [expect.stringMatching(/^loaded \d+ of \d+ parameters$/)];
  expect(await said(written(config, { CLASSES: ['a', 'b', 'c'] }))).toEqual(loading);
  expect(await said(written(config, { CLASSES: ['a', 'B', 'c'] }))).toEqual([
    "its class names are not the config's, which are used: class 1 is 'b' in the config and 'B' in the file",
    ...loading,
  ]);
  expect(await said(written(config, { CLASSES: coco.classes }))).toEqual([
    'its 80 class names are not used: the head tells 3 classes apart',
    ...loading,
  ]);
});

test('the same names in another order are an error', async () => {
  await expect(said(written(config, { CLASSES: ['a', 'c', 'b'] }))).rejects.toThrow(
    /metainfo\.classes: expected the order of the classes in .*\.pth, where class 1 is 'c', but received 'b'/,
  );
});

test('as many names as the network has classes, or none', async () => {
  const { labels, notes } = await opened(written({}, { CLASSES: ['a', 'b'] }));
  expect(labels).toBeUndefined();
  expect(notes.map(({ message }) => message)).toEqual([
    'its 2 class names are not used: the head tells 3 classes apart',
  ]);
});
