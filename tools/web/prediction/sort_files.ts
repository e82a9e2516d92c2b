import { LowformerError } from '../../../core/errors.js';

/** What files that were dropped or chosen together are, by their names. */
export interface SortedFiles {
  readonly pictures: readonly File[];
  readonly configs: readonly File[];
  readonly checkpoints: readonly File[];
}

const CHECKPOINT = /\.(?:safetensors|pth|pt|bin|ckpt|onnx)$/i;
const PICTURE = /\.(?:jpe?g|jfif|png|webp|avif|gif|bmp|tiff?|heic|heif)$/i;
const CODE = /\.(?:ts|js|mjs|py|ya?ml)$/i;

/** @throws {LowformerError} `unreadable-file` for a file of another kind, naming what can be given. */
export function sortFiles(files: Iterable<File>): SortedFiles {
  const sorted = { pictures: [] as File[], configs: [] as File[], checkpoints: [] as File[] };
  for (const file of files) {
    if (/\.json$/i.test(file.name)) sorted.configs.push(file);
    else if (CHECKPOINT.test(file.name)) sorted.checkpoints.push(file);
    else if (file.type.startsWith('image/') || PICTURE.test(file.name)) sorted.pictures.push(file);
    else throw unknownFile(file.name);
  }
  return sorted;
}

function unknownFile(name: string): LowformerError {
  const hint = CODE.test(name)
    ? 'A page runs no code: write the config as JSON with npx lowformer config print CONFIG --json config.json'
    : undefined;
  return new LowformerError({
    code: 'unreadable-file',
    where: name,
    expected: 'a picture, a config (.json) or a checkpoint (.safetensors, .pth, .pt)',
    ...(hint === undefined ? {} : { hint }),
  });
}
