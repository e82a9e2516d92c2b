import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../weights/checkpoint.js';
import { allowedGlobals } from '../../weights/pickle_globals.js';
import { failure, folder, temporaryFile } from './fixtures.js';

const extra = join(folder, 'extra');

describe('files that ask for what a checkpoint may not are refused by name', () => {
  test.each([
    ['malicious.pth', 'posix.system', 'runs commands'],
    ['extra/bad_eval_protocol4.pth', 'builtins.eval', 'runs commands'],
    ['extra/bad_eval_protocol0.pth', '__builtin__.eval', 'runs commands'],
    ['extra/bad_inst.pth', 'os.system', 'runs commands'],
    ['extra/bad_legacy_system.pth', 'posix.system', 'runs commands'],
    ['extra/bad_load_bytes.pth', 'torch.storage._load_from_bytes', 'nothing of the file was run'],
    ['extra/bad_module.pth', 'torch.nn.modules.linear.Linear', 'model.state_dict()'],
    ['extra/bad_module_legacy.pth', 'torch.nn.modules.linear.Linear', 'model.state_dict()'],
    ['extra/bad_getattr.pth', '__builtin__.getattr', 'the arguments that'],
  ])('%s', async (name, forbidden, reason) => {
    const message = await failure(() => openCheckpoint(join(folder, name)));
    expect(message).toMatch(/^unreadable-checkpoint: /);
    expect(message).toContain(name);
    expect(message).toContain(forbidden);
    expect(message).toContain(reason);
  });

  test('the list of allowed names holds none that does anything', () => {
    const careful = allowedGlobals.filter((name) => /^(os|posix|sys|subprocess|builtins|__builtin__)\./.test(name));
    const plain = /\.(dict|list|tuple|bytearray|bytes|set|frozenset|slice|range|xrange|complex|object)$/;
    const types = /\.(int|long|float|bool|str|unicode)$/;
    expect(careful.filter((name) => !plain.test(name) && !types.test(name))).toEqual([
      'builtins.getattr',
      '__builtin__.getattr',
    ]);
  });
});

describe('damaged files and other kinds are refused with the reason', () => {
  test.each([
    ['truncated.pth', 'truncated'],
    ['extra/bad_ext.pth', "a pickle instruction at byte 3 of the pickle but received '0x82'"],
    ['extra/bad_range.pth', 'one that reaches to element 5'],
    ['extra/bad_negative.pth', 'the arguments that torch._utils._rebuild_tensor_v2 takes'],
    ['extra/bad_vast.pth', 'the arguments that torch._utils._rebuild_tensor_v2 takes'],
    ['extra/bad_short.pth', "16 bytes in storage '0' but received 12"],
    ['extra/bad_missing_storage.pth', "a record 'bad/data/0'"],
    ['extra/bad_path.pth', "a record 'bad/data/../x'"],
    ['extra/bad_pickle_end.pth', 'truncated'],
    ['extra/bad_deflated.pth', 'uncompressed records'],
    ['extra/bad_torchscript.pt', 'TorchScript'],
    ['extra/bad_plain.pkl', 'another pickle'],
    ['extra/bad_legacy_truncated.pth', 'truncated'],
    ['extra/bad_zip.pth', 'one data.pkl but received ["a.txt"]'],
  ])('%s', async (name, reason) => {
    const message = await failure(() => openCheckpoint(join(folder, name)));
    expect(message).toMatch(/^unreadable-checkpoint: /);
    expect(message).toContain(reason);
  });

  test.each(['views_zip.pth', 'views_legacy.pth', 'views_protocol4.pth'])('%s cut anywhere', async (name) => {
    const whole = readFileSync(join(extra, name));
    for (let size = 1; size < whole.length; size += 97) {
      const path = temporaryFile('cut.pth', whole.subarray(0, size));
      expect(await failure(() => openCheckpoint(path))).toMatch(/^unreadable-checkpoint: /);
    }
  });

  test('a byte changed anywhere in the directory of an archive', async () => {
    const whole = readFileSync(join(extra, 'zip64.pth'));
    for (let at = whole.length - 700; at < whole.length; at += 3) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      const path = temporaryFile('changed.pth', changed);
      try {
        using checkpoint = await openCheckpoint(path);
        for (const tensor of checkpoint.tensors.values()) tensor.read();
      } catch (error) {
        expect(error).toMatchObject({ name: 'LowformerError', code: 'unreadable-checkpoint' });
      }
    }
  });

  test('a byte changed anywhere in the pickle never ends in another kind of error', async () => {
    const whole = readFileSync(join(extra, 'views_legacy.pth'));
    for (let at = 0; at < 2600; at += 7) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      const path = temporaryFile('changed.pth', changed);
      try {
        using checkpoint = await openCheckpoint(path);
        for (const tensor of checkpoint.tensors.values()) tensor.read();
      } catch (error) {
        expect(error).toMatchObject({ name: 'LowformerError', code: 'unreadable-checkpoint' });
      }
    }
  });
});
