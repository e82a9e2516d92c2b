import { LowformerError } from '../core/errors.js';
import { type Tensors, tensor } from '../core/tensor.js';
import { writeWhole } from '../files/atomic_write.js';
import { LITTLE_ENDIAN } from './dtype.js';
import { openFile } from './open_file.js';
import { safetensorsDict } from './safetensors_dict.js';

/**
 * All tensors of a safetensors file as float32.
 * @throws {LowformerError} `unreadable-file` or `unreadable-checkpoint`.
 */
export async function readSafetensors(path: string): Promise<Tensors> {
  const file = openFile(path);
  try {
    const { tensors } = safetensorsDict(file);
    return Object.fromEntries([...tensors].map(([name, { shape, read }]) => [name, { shape, data: read() }]));
  } finally {
    file[Symbol.dispose]();
  }
}

/**
 * Writes float32 tensors as a safetensors file, in the order given, whole or not at all.
 * @throws {LowformerError} `unwritable-file`; `invalid-argument` when values do not fill a shape, or for the name
 * `__metadata__`, which the format keeps for itself.
 */
export async function writeSafetensors(path: string, tensors: Tensors): Promise<void> {
  const header: Record<string, unknown> = {};
  const blocks: Uint8Array[] = [];
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (name === '__metadata__') {
      throw new LowformerError({
        code: 'invalid-argument',
        where: path,
        expected: 'a name that safetensors allows',
        received: name,
      });
    }
    tensor(shape, data);
    const begin = end;
    end += data.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
    blocks.push(littleEndian(data));
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Readers map the file: padded with spaces, the numbers start at a multiple of their size.
  const start = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true);
  start.set(json, 8);
  await writeWhole(path, async (file) => {
    for (const block of [start, ...blocks]) await file.writeFile(block);
  });
}

function littleEndian(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return LITTLE_ENDIAN ? bytes : Buffer.from(bytes).swap32();
}
