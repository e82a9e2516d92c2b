/** What people give for a checkpoint by mistake: named as what it is, with the way out. */

/** For an error: what it is, and what to do. */
export interface OtherFile {
  readonly received: string;
  readonly hint?: string;
}

const TORCH = 'Weights of torch are needed.';
const ARRAYS = "A state_dict is needed, in Python: torch.save({name: torch.from_numpy(array)}, 'weights.pth').";
const STATE_DICT = "torch.save(model.state_dict(), 'weights.pth')";

/** By the letters (a byte each, in Latin-1) that such files open with. */
const BEGINNINGS: readonly (OtherFile & { readonly opens: string })[] = [
  { opens: '\xff\xd8\xff', received: 'a JPEG picture' },
  { opens: '\x89PNG', received: 'a PNG picture' },
  { opens: 'version https://git-lfs', received: 'a Git LFS pointer', hint: 'Fetch the file itself: git lfs pull.' },
  { opens: '<', received: 'a web page or XML', hint: 'If it was downloaded, the download failed: try again.' },
  { opens: '\x1f\x8b', received: 'a gzip archive', hint: 'Unpack it first.' },
  { opens: 'BZh', received: 'a bzip2 archive', hint: 'Unpack it first.' },
  { opens: '\xfd7zXZ', received: 'an xz archive', hint: 'Unpack it first.' },
  { opens: '\x28\xb5\x2f\xfd', received: 'a Zstandard archive', hint: 'Unpack it first.' },
  { opens: '7z\xbc\xaf', received: 'a 7z archive', hint: 'Unpack it first.' },
  { opens: 'Rar!', received: 'a RAR archive', hint: 'Unpack it first.' },
  { opens: '\x89HDF\r\n', received: 'an HDF5 file, as Keras writes them', hint: TORCH },
  { opens: '\x93NUMPY', received: 'an array of numpy', hint: ARRAYS },
  { opens: 'GGUF', received: 'a GGUF file', hint: 'Its weights are packed: use the checkpoint that it was made from.' },
];

/** @param start the first bytes of a file that is no checkpoint. */
export function otherFile(start: Uint8Array): OtherFile | undefined {
  // Latin-1: one letter a byte.
  const letters = String.fromCharCode(...start);
  const found = BEGINNINGS.find(({ opens }) => letters.trimStart().startsWith(opens));
  if (found !== undefined)
    return { received: found.received, ...(found.hint === undefined ? {} : { hint: found.hint }) };
  if (letters.slice(TAR_MARK).startsWith('ustar')) {
    return {
      received: 'a tar archive',
      hint: `Unpack it first. If torch before 0.2 wrote it, load it with such a one and: ${STATE_DICT}.`,
    };
  }
  if (letters.slice(4).startsWith('TFL3')) return { received: 'a model of TensorFlow Lite', hint: TORCH };
  // Protocol buffers: the version as field 1, the producer as field 2.
  if (start[0] === 0x08 && start[2] === 0x12 && /onnx|torch|graph|lowformer/i.test(letters)) {
    return { received: 'what looks like an ONNX model', hint: 'The checkpoint that it was exported from is needed.' };
  }
  if (!letters.trimStart().startsWith('{')) return undefined;
  if (!letters.includes('"weight_map"')) return { received: 'a JSON text' };
  return {
    received: 'the index of a model in several files',
    hint: `Join them, in Python, where the model is loaded: ${STATE_DICT}.`,
  };
}

/** Where a tar archive says what it is. */
const TAR_MARK = 257;

/** @param names of the records of a zip archive; undefined where it may be torch.save's. */
export function otherArchive(names: readonly string[]): OtherFile | undefined {
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (has(/^[^/]+\/constants\.pkl$/)) {
    return {
      received: 'a TorchScript archive',
      hint: "It holds a program. Save its weights alone, in Python: torch.save(torch.jit.load('FILE').state_dict(), 'weights.pth').",
    };
  }
  if (has(/^[^/]+\/data\.pkl$/)) return undefined;
  if (has(/(?:^|\/)\.data\/extern_modules$/)) {
    return { received: 'a torch.package archive', hint: `Save the weights of the model in it: ${STATE_DICT}.` };
  }
  if (has(/(?:^|\/)(?:models\/[^/]+\.json|serialized_exported_program\.json)$/) || has(/(?:^|\/)archive_format$/)) {
    return {
      received: 'a program of torch.export',
      hint: "Save its weights alone, in Python: torch.save(torch.export.load('FILE').state_dict, 'weights.pth').",
    };
  }
  if (names.length > 0 && names.every((name) => name.endsWith('.npy'))) {
    return {
      received: 'arrays of numpy (.npz)',
      hint: "A state_dict is needed, in Python: torch.save({k: torch.from_numpy(v) for k, v in np.load('FILE').items()}, 'weights.pth').",
    };
  }
  if (has(/(?:^|\/)model\.weights\.h5$/)) return { received: 'a model of Keras', hint: 'Weights of torch are needed.' };
  if (has(/\.(?:pth|pt|bin|ckpt|safetensors)$/)) {
    return { received: 'a zip archive with checkpoints in it', hint: 'Unpack it first.' };
  }
  return undefined;
}
