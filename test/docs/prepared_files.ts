import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import type { Tensor } from '../../core/tensor.js';
import { initialWeights } from '../../tools/model/network_weights.js';
import { openConfig } from '../../tools/model/open_config.js';
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
    await checkpoint(config, join(folder, 'iter_40000.pth'));
  }
  if (wants('lowformer_b0.pt')) await checkpoint('lowformer-b0_in1k', join(folder, 'lowformer_b0.pt'));
  const shape = [1, 3, 64, 96];
  await writeSafetensors(join(folder, 'input.safetensors'), { input: { shape, data: formulaInput('input', shape) } });
}

async function picture(path: string): Promise<void> {
  const [width, height] = [160, 120];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) % 251);
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(path);
}

/** Weights as before training; what a file is follows from its content, so the name may be torch's. */
async function checkpoint(config: string, path: string): Promise<void> {
  const { model } = await openConfig(config);
  const { parameters } = initialWeights(model.wholeGraph);
  const tensors: Record<string, Tensor> = {};
  for (const name of model.wholeGraph.parameters.keys()) tensors[name] = parameters(name);
  await writeSafetensors(path, tensors);
}
