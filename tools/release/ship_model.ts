/**
 * Makes a trained model one that comes with the package: `npx jiti tools/release/ship_model.ts RUN_DIR NAME` writes the best
 * weights of a training run as float16 to assets/NAME.safetensors, and what of its config predicts to assets/NAME.json.
 * `models/shipped_models.ts` gives it a name.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { float16Bits, LARGEST_FLOAT16 } from '../../graph/onnx/float16.js';
import { readSafetensors, type WritableTensor, writeSafetensors } from '../../weights/safetensors.js';

const [folder, name] = z.tuple([z.string(), z.string().regex(/^\w+$/)]).parse(process.argv.slice(2));
const asset = (ending: string) => fileURLToPath(new URL(`../../assets/${name}.${ending}`, import.meta.url));

const predicts = z.object({
  model: z.looseObject({}),
  test_pipeline: z.array(z.unknown()),
  metainfo: z.looseObject({ classes: z.array(z.string()) }),
});
const config = predicts.parse(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')));

const tensors = await readSafetensors(join(folder, 'best.safetensors'));
const stored = Object.entries(tensors).map(([key, { shape, data }]): [string, WritableTensor] => {
  // A running variance may be too large.
  const fits = data.every((value) => Math.abs(value) < LARGEST_FLOAT16);
  if (!fits) return [key, { shape, data }];
  return [key, { shape, data: float16Bits(data, new Uint16Array(data.length)), dtype: 'float16' }];
});
await writeSafetensors(asset('safetensors'), Object.fromEntries(stored));
await writeFile(asset('json'), `${JSON.stringify(config, undefined, 2)}\n`);
process.stdout.write(`${asset('safetensors')}\n${asset('json')}\n`);
