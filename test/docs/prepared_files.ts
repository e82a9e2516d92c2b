import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import type { Tensor } from '../../core/tensor.js';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { writeLabelMap } from '../../drawing/label_map.js';
import { writeImage } from '../../drawing/write_png.js';
import { initialWeights } from '../../models/network_weights.js';
import { openConfig } from '../../models/open_config.js';
import { writeSafetensors } from '../../weights/safetensors.js';
import { formulaInput } from '../formula_weights.js';
import { ROOT } from '../workspace.js';

/** Makes what the commands of the documents name and a reader would have: pictures, configs, checkpoints. */
export async function prepareFiles(folder: string, text: string): Promise<void> {
  const wants = (...names: readonly string[]) => names.some((name) => text.includes(name));
  await picture(join(folder, 'photo.jpg'));
  await picture(join(folder, 'street.jpg'));
  mkdirSync(join(folder, 'pictures'));
  await picture(join(folder, 'pictures/first.jpg'));
  await picture(join(folder, 'pictures/second.png'));

  if (wants('my_retinanet')) {
    const config = join(folder, 'my_retinanet.json');
    writeFileSync(config, readFileSync(`${ROOT}test/fixtures/configs/dumped.json`));
    pythonConfig(config);
    if (wants('epoch_12.pth')) await checkpoint(config, join(folder, 'epoch_12.pth'));
  }
  if (wants('my_semantic_fpn')) {
    const config = join(folder, 'my_semantic_fpn.json');
    const { model, ...rest } = SHIPPED_CONFIGS['sem-fpn_lowformer-b0_40k_ade20k-512x512'];
    const backbone = {
      ...model.backbone,
      arch: 'custom',
      widths: [8, 8, 16, 16, 32],
      depths: [0, 1, 1, 1, 1],
      flags: {},
    };
    writeFileSync(config, JSON.stringify({ ...rest, model: { ...model, backbone } }));
    pythonConfig(config);
    await checkpoint(config, join(folder, 'iter_40000.pth'));
  }
  if (wants('lowformer_b0.pt')) await checkpoint('lowformer-b0_in1k', join(folder, 'lowformer_b0.pt'));
  if (wants('annotations.json')) await cellDataset(folder);
  if (wants(' frames ')) await movingScene(join(folder, 'frames'));
  if (wants('labels')) await labelFolders(folder);
  if (wants('smear.png')) await smear(join(folder, 'smear.png'));
  const targets = { boxes_xyxy: [[[10, 8, 60, 50]]], labels: [[0]] };
  writeFileSync(join(folder, 'targets.json'), JSON.stringify(targets));
  const shape = [1, 3, 64, 96];
  await writeSafetensors(join(folder, 'input.safetensors'), { input: { shape, data: formulaInput('input', shape) } });
}

/** The same config in Python, beside it. */
function pythonConfig(json: string): void {
  const tree: Record<string, unknown> = JSON.parse(readFileSync(json, 'utf8'));
  const python = (value: unknown) =>
    JSON.stringify(value).replace(/"[^"]*"|true|false|null/g, (word) => {
      return { true: 'True', false: 'False', null: 'None' }[word] ?? word;
    });
  const lines = Object.entries(tree).map(([key, value]) => `${key} = ${python(value)}\n`);
  writeFileSync(json.replace('.json', '.py'), lines.join(''));
}

/** Four drawn scenes as one picture. */
async function smear(file: string): Promise<void> {
  const scenes = [1, 2, 3, 4].map((seed) => drawDemoScene(seed).image);
  const [{ width, height } = { width: 0, height: 0 }] = scenes;
  const placed = scenes.map(({ data, ...size }, i) => ({
    input: Buffer.from(data),
    raw: { ...size, channels: 3 as const },
    left: (i % 2) * width,
    top: Math.floor(i / 2) * height,
  }));
  const create = { width: 2 * width, height: 2 * height, channels: 3, background: '#fff' } as const;
  await sharp({ create }).composite(placed).png().toFile(file);
}

/** Two drawn scenes with the boxes of their cells, as COCO has them. */
async function cellDataset(folder: string): Promise<void> {
  const categories = ['RBC', 'WBC', 'Platelets'].map((name, i) => ({ id: i + 1, name }));
  const scenes = [5, 6].map((seed, i) => ({ id: i + 1, file_name: `scene_${seed}.png`, ...drawDemoScene(seed) }));
  mkdirSync(join(folder, 'cells'));
  for (const { file_name, image } of scenes) await writeImage(join(folder, 'cells', file_name), image);
  const images = scenes.map(({ id, file_name, image: { width, height } }) => ({ id, file_name, width, height }));
  const annotations = scenes.flatMap(({ id: image_id, cells }) =>
    cells.map(({ kind, box: [x1, y1, x2, y2] }) => ({
      image_id,
      category_id: categories.find(({ name }) => name === kind)?.id,
      bbox: [x1, y1, x2 - x1, y2 - y1],
      area: (x2 - x1) * (y2 - y1),
      iscrowd: 0,
    })),
  );
  const numbered = annotations.map((annotation, i) => ({ id: i + 1, ...annotation }));
  writeFileSync(join(folder, 'annotations.json'), JSON.stringify({ images, categories, annotations: numbered }));
  // The same with outlines: the corners lie in the middle of the boxes' edges.
  const outlined = numbered.map((annotation) => {
    const [x = 0, y = 0, w = 0, h = 0] = annotation.bbox;
    return { ...annotation, segmentation: [[x + w / 2, y, x + w, y + h / 2, x + w / 2, y + h, x, y + h / 2]] };
  });
  writeFileSync(join(folder, 'outlines.json'), JSON.stringify({ images, categories, annotations: outlined }));
  // An earlier run, which found every second cell.
  const before = numbered.flatMap(({ image_id, category_id, bbox, id }) =>
    id % 2 === 0 ? [{ image_id, category_id, bbox, score: 0.9 }] : [],
  );
  writeFileSync(join(folder, 'before.json'), JSON.stringify(before));
}

/** A scene in which cells drift. */
async function movingScene(folder: string): Promise<void> {
  mkdirSync(folder);
  for (const frame of [1, 2, 3, 4]) {
    await writeImage(join(folder, `frame_${frame}.png`), drawDemoScene(6, frame).image);
  }
}

/** Label maps of three classes, and predictions that are right in most pixels. */
async function labelFolders(folder: string): Promise<void> {
  for (const [name, shift] of [
    ['labels', 0],
    ['predicted', 1],
  ] as const) {
    mkdirSync(join(folder, name));
    const labels = Uint8Array.from({ length: 32 * 24 }, (_, i) => Math.floor((i + shift) / 256));
    const map = { kind: 'segmentation', width: 32, height: 24, labels, classes: [] } as const;
    await writeLabelMap(
      join(folder, name, 'a.png'),
      { ...map, labels: labels.map((label) => Math.min(label, 2)) },
      { classCount: 3 },
    );
  }
}

async function picture(path: string): Promise<void> {
  const [width, height] = [160, 120];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) % 251);
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(path);
}

/** Weights as before training; what a file is follows from its content, so the name may be torch's. */
async function checkpoint(config: string, path: string): Promise<void> {
  const { model } = await openConfig(config);
  const { parameters } = initialWeights(model);
  const tensors: Record<string, Tensor> = {};
  for (const name of model.wholeGraph.parameters.keys()) tensors[name] = parameters(name);
  await writeSafetensors(path, tensors);
}
