/** Files with more in them than plain weights: types that no network here asks for, objects of trainers, whole programs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ByteSource, bytesInMemory } from '../../weights/byte_source.js';
import { openCheckpoint } from '../../weights/checkpoint.js';
import { readCheckpoint } from '../../weights/checkpoint_content.js';
import { isForeignData } from '../../weights/foreign_globals.js';
import { loadReport } from '../../weights/load_report.js';
import { readSafetensors } from '../../weights/safetensors.js';
import { failure, folder, temporaryFile } from './fixtures.js';
import { inMemory, zip } from './zip_archive.js';

const foreign = (name: string) => join(folder, 'foreign', name);
const conv = { name: 'conv.weight', shape: [2, 1] };

describe.each(['tensors.pth', 'tensors_legacy.pth', 'tensors_protocol5.pth', 'types.safetensors'])('%s', (name) => {
  test('fills a network that asks for the plain ones alone', async () => {
    using checkpoint = await openCheckpoint(foreign(name));
    const report = loadReport([conv], checkpoint.tensors, { path: name });
    expect(report).toMatchObject({ loaded: ['conv.weight'], missing: [], mismatched: [] });
    expect([...(checkpoint.tensors.get('conv.weight')?.read() ?? [])]).toEqual([3, -3]);
  });

  test('what can be read is', async () => {
    using checkpoint = await openCheckpoint(foreign(name));
    const expected: Readonly<Record<string, readonly number[]>> = {
      uint16: [1, 65535],
      uint32: [1, 2 ** 32],
      uint64: [1, 2 ** 63],
    };
    const found = [...checkpoint.tensors].filter(([tensor]) => tensor.startsWith('read.'));
    expect(found.length).toBe(name === 'types.safetensors' ? 3 : 6);
    for (const [tensor, { dtype, read }] of found) {
      expect([tensor, dtype, [...read()]]).toEqual([tensor, dtype, expected[dtype] ?? [1, 2]]);
    }
  });

  test('a network that asks for another one hears its name and type', async () => {
    using checkpoint = await openCheckpoint(foreign(name));
    const others = [...checkpoint.tensors].filter(([tensor]) => tensor.startsWith('unread.'));
    expect(others.length).toBe(name === 'types.safetensors' ? 6 : 28);
    for (const [tensor, { shape, dtype, unread, read }] of others) {
      expect(unread).toBeDefined();
      const wanted = [conv, { name: tensor, shape }];
      const load = (allowMismatch: readonly string[] = []) =>
        loadReport(wanted, checkpoint.tensors, { path: name, allowMismatch });
      for (const attempt of [load, read]) {
        const message = await failure(() => attempt());
        expect(message).toMatch(/^unreadable-checkpoint: .*real numbers/);
        expect(message).toContain(tensor);
        expect(message).toContain(dtype);
      }
      expect(load([tensor])).toMatchObject({ loaded: ['conv.weight'], missing: [tensor] });
    }
  });
});

test('many of them are one message', async () => {
  using checkpoint = await openCheckpoint(foreign('tensors.pth'));
  const wanted = [...checkpoint.tensors].map(([name, { shape }]) => ({ name, shape }));
  const message = await failure(() => loadReport(wanted, checkpoint.tensors, { path: 'w.pth' }));
  expect(message).toContain('unread.complex32 (complex32), unread.complex64 (complex64)');
  expect(message).toContain('and 23 more: no layer of this network is complex');
});

test('readSafetensors, which reads all, names the one that it cannot', async () => {
  expect(await failure(() => readSafetensors(foreign('types.safetensors')))).toMatch(
    /types\.safetensors: .*received 'complex64'\. unread\.complex64/,
  );
});

describe('objects beside the weights are left out', () => {
  test.each(['objects.pth', 'objects_legacy.pth', 'objects_protocol4.pth'])('%s', async (name) => {
    using checkpoint = await openCheckpoint(foreign(name));
    expect([...checkpoint.tensors.keys()]).toEqual(['conv.weight']);
    expect([...(checkpoint.tensors.get('conv.weight')?.read() ?? [])]).toEqual([3, -3]);
    expect(checkpoint.meta).toEqual({ epoch: 3 });
  });

  test.each([
    ['my_project.models', 'Net'],
    ['__main__', 'Config'],
    ['torch.optim.adamw', 'AdamW'],
    ['torch.nn.functional', 'relu'],
    ['timm.models.resnet', 'ResNet'],
    ['ultralytics.nn.tasks', 'DetectionModel'],
    ['mmengine.runner.runner', 'Runner'],
    ['omegaconf.dictconfig', 'DictConfig'],
    ['cloudpickle.cloudpickle', '_make_function'],
    ['builtins', 'len'],
    ['exceptions', 'ValueError'],
    ['numpy.random._pickle', '__randomstate_ctor'],
    ['io', 'BytesIO'],
  ])('%s.%s', (module, name) => expect(isForeignData(module, name)).toBe(true));

  test.each([
    ['os', 'system'],
    ['nt', 'system'],
    ['subprocess', 'Popen'],
    ['builtins', 'eval'],
    ['builtins', 'open'],
    ['__builtin__', 'apply'],
    ['builtins', 'getattr'],
    ['importlib', 'import_module'],
    ['runpy', '_run_code'],
    ['pip._internal', 'main'],
    ['torch', 'load'],
    ['torch.hub', 'load'],
    ['torch.hub', 'os.system'],
    ['torch.storage', '_load_from_bytes'],
    ['torch.utils.cpp_extension', 'load_inline'],
    ['torch.serialization', 'load'],
    ['torch.jit', 'load'],
    ['numpy', 'load'],
    ['numpy.testing._private.utils', 'runstring'],
    ['types', 'CodeType'],
    ['types', 'FunctionType'],
    ['a.b', 'C.__globals__'],
    ['pickle', 'loads'],
    ['io', 'open'],
    ['webbrowser', 'open'],
    ['ctypes', 'CDLL'],
  ])('not %s.%s', (module, name) => expect(isForeignData(module, name)).toBe(false));

  const latin1 = (pickle: string) =>
    inMemory(zip([{ name: 'a/data.pkl', content: Buffer.from(`\x80\x02${pickle}.`, 'latin1') }]));

  test.each([
    [
      'from a class that leads there',
      '}U\x01xc__builtin__\ngetattr\ncfoo\nBar\nU\x0b__globals__\x86Rs',
      'the arguments',
    ],
    ['from a module', '}U\x01xc__builtin__\ngetattr\nctorch\nhub\nU\x04load\x86Rs', 'the arguments'],
    ['by the call of something foreign', '}U\x01xcfoo\nBar\n(cposix\nsystem\nU\x02lstRs', 'posix.system'],
  ])('what runs commands is refused: %s', async (_, pickle, words) => {
    expect(await failure(() => readCheckpoint(latin1(pickle)))).toContain(words);
  });

  test('a list that goes on growing after a tensor was made of it changes no tensor', async () => {
    const type = 'ctorch._utils\n_rebuild_tensor_v2\n';
    const storage = '(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x01tQ';
    const pickle = `](K\x01eq\x01](K\x01eq\x02}U\x01w${type}(${storage}K\x00h\x01h\x02\x89}tRsq\x030h\x01J\xff\xff\xff\x7fah\x02K\x00a00h\x03`;
    const content = Buffer.from(`\x80\x02${pickle}.`, 'latin1');
    const file = inMemory(
      zip([
        { name: 'a/data.pkl', content },
        { name: 'a/data/0', content: Buffer.alloc(4) },
      ]),
    );
    const stored = readCheckpoint(file).tensors.get('w');
    expect(stored?.shape).toEqual([1]);
    expect(stored?.read().length).toBe(1);
  });
});

describe('what is long and not asked for is passed over', () => {
  /** A file of half a gigabyte, which is not there: its middle reads as zeros, byte by byte, and slowly. */
  const sparse = (start: string, gap: number, end: string): ByteSource => {
    const records = (content: string) => [{ name: 'a/data.pkl', content: Buffer.from(content, 'latin1') }];
    const whole = zip(records(start + end));
    const split = whole.indexOf(start, 0, 'latin1') + start.length;
    const at = (position: number) =>
      position < split ? position : position < split + gap ? undefined : position - gap;
    // Sizes in the archive count the gap: in the directory the record's, in the end record the directory's place.
    const directory = whole.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
    const ending = whole.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
    for (const field of [directory + 20, directory + 24, ending + 16]) {
      whole.writeUInt32LE(whole.readUInt32LE(field) + gap, field);
    }
    return {
      path: 'a.pth',
      size: whole.length + gap,
      readInto(target, position) {
        for (let i = 0; i < target.length; i++) target[i] = whole[at(position + i) ?? -1] ?? 0;
      },
    };
  };
  const length = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes.toString('latin1');
  };
  const GAP = 500 * 2 ** 20;

  test.each([
    ['a text', `}U\x01xX${length(GAP)}`, 'sU\x05epochK\x03s.'],
    ['bytes', `}U\x01xB${length(GAP)}`, 'sU\x05epochK\x03s.'],
    [
      'a text that is turned into bytes',
      `}U\x01xc_codecs\nencode\nX${length(GAP)}`,
      'U\x06latin1\x86RsU\x05epochK\x03s.',
    ],
  ])('%s', async (_, start, end) => {
    const before = performance.now();
    const message = await failure(() => readCheckpoint(sparse(`\x80\x02${start}`, GAP, end)));
    expect(message).toContain('received ["x","epoch"]');
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe('files of other kinds are named, with the way out', () => {
  test.each([
    ['whole_module.pth', 'an object of torch.nn.modules.container.Sequential', 'torch.save(model.state_dict()'],
    ['whole_in_dictionary.pth', "under 'model' but received 'an object of", "['model'].state_dict()"],
    ['whole_numpy.pth', 'received ["conv.weight"]', 'torch.from_numpy'],
    ['whole_torchscript.pt', 'a TorchScript archive', "torch.jit.load('FILE').state_dict()"],
    ['whole_export.pt2', 'a program of torch.export', "torch.export.load('FILE').state_dict"],
    ['whole_numpy.npz', 'arrays of numpy (.npz)', 'np.load'],
  ])('%s', async (name, what, way) => {
    const message = await failure(() => openCheckpoint(foreign(name)));
    expect(message).toMatch(/^unreadable-checkpoint: /);
    expect(message).toContain(what);
    expect(message).toContain(way);
  });

  test.each([
    ['numpy', '\x93NUMPY\x01\x00', 'an array of numpy'],
    ['HDF5', '\x89HDF\r\n\x1a\n', 'an HDF5 file'],
    ['gzip', '\x1f\x8b\x08', 'a gzip archive'],
    ['tar', `${'\0'.repeat(257)}ustar`, 'a tar archive'],
    ['index', '{"metadata": {}, "weight_map": {"a": "model-00001-of-00002.safetensors"}}', 'a model in several files'],
    ['ONNX', `\x08\x07\x12\x07pytorch${'\0'.repeat(40)}`, 'an ONNX model'],
    ['GGUF', 'GGUF\x03\0\0\0', 'a GGUF file'],
  ])('%s', async (_, content, words) => {
    const path = temporaryFile('weights.pth', Buffer.from(content, 'latin1'));
    expect(await failure(() => openCheckpoint(path))).toContain(words);
  });

  test('an archive of archives', async () => {
    const records = [{ name: 'model/weights.pth', content: 'x', method: 8 }];
    expect(await failure(() => readCheckpoint(inMemory(zip(records))))).toContain('checkpoints in it');
  });
});

describe('damaged files end in a message and nothing else', () => {
  const attempt = (bytes: Uint8Array) => {
    try {
      for (const tensor of readCheckpoint(bytesInMemory('a.pth', bytes)).tensors.values()) {
        if (tensor.unread === undefined) tensor.read();
      }
    } catch (error) {
      expect(error).toMatchObject({ name: 'LowformerError', code: 'unreadable-checkpoint' });
    }
  };

  test.each([
    ['tensors_legacy.pth', 23],
    ['tensors.pth', 41],
    ['objects_protocol4.pth', 37],
    ['types.safetensors', 3],
  ])('%s: cut, and a byte changed', (name, step) => {
    const whole = readFileSync(foreign(name));
    for (let at = 0; at < whole.length; at += step) {
      attempt(whole.subarray(0, at));
      for (const flip of [0x01, 0x55, 0xff]) {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ flip;
        attempt(changed);
      }
    }
  });
});
