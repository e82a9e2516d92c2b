/** Files that ask for more time and memory than there is. Each is refused, or read, in a moment. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../weights/checkpoint_content.js';
import { openFile } from '../../weights/open_file.js';
import { failure, folder } from './fixtures.js';
import { inMemory, zip } from './zip_archive.js';

/** Far more than is needed, and far less than what these files used to take. */
const MOMENT = 2000;

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('latin1');
};
const text = (value: string) => `X${uint32(Buffer.byteLength(value))}${value}`;
const int = (value: number) => `J${uint32(value)}`;

/** A checkpoint around a pickle, given in Latin-1 from behind the protocol to before the stop. */
function torchFile(pickle: string) {
  const records = [
    { name: 'a/data.pkl', content: latin1(`\x80\x02${pickle}.`) },
    { name: 'a/data/0', content: new Uint8Array(64) },
  ];
  return inMemory(zip(records));
}

/** A tensor over storage 0 of 16 floats; its shape and strides as pickled tuples. */
const tensor = (shape: string, strides: string, type = 'FloatStorage') =>
  `ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\n${type}\n${text('0')}${text('cpu')}${int(16)}tQ` +
  `${int(0)}${shape}${strides}\x89}tR`;
const tuple = (...values: readonly number[]) => `(${values.map(int).join('')}t`;

/** `{'w': tensor}` with more in front of it. */
const withWeights = (before: string) => `}(${before}${text('w')}${tensor(tuple(4), tuple(1))}u`;

async function took(attempt: () => unknown): Promise<{ readonly message: string; readonly time: number }> {
  const start = performance.now();
  const message = await failure(attempt);
  return { message, time: performance.now() - start };
}

describe('a pickle that unfolds to more than it holds', () => {
  const doubled = (times: number) => `${text('x')}${'2\x86'.repeat(times)}`;

  test.each([
    ['a key of pairs of pairs', `}(${doubled(60)}K\x01u`, 'keys of dictionaries that are texts'],
    ['the same in a dict() of pairs', `c__builtin__\ndict\n](${doubled(60)}K\x01\x86e\x85R`, 'arguments that'],
    ['a key of 100,000 levels', `}(K\x01${'\x85'.repeat(100_000)}K\x01u`, 'keys of dictionaries that are texts'],
    ['a dictionary as a key', '}(}K\x01u', 'keys of dictionaries that are texts'],
    [
      'lists copied again and again',
      `](${'N'.repeat(200_000)}eq\x010${'c__builtin__\nlist\nh\x01\x85R0'.repeat(2000)}N`,
      '10000000 steps',
    ],
    [
      'dictionaries likewise',
      `}(${Array.from({ length: 20_000 }, (_, i) => `${text(String(i))}N`).join('')}uq\x010${'c__builtin__\ndict\nh\x01\x85R0'.repeat(1000)}N`,
      '10000000 steps',
    ],
    [
      'shapes of many axes',
      `](${'K\x01'.repeat(100_000)}eq\x010${`${tensor('h\x01', 'h\x01')}0`.repeat(100)}N`,
      'arguments that',
    ],
    [
      'texts turned into bytes',
      `${text('y'.repeat(2_000_000))}q\x01${text('latin1')}q\x020${'c_codecs\nencode\nh\x01h\x02\x86R0'.repeat(200)}N`,
      '10000000 steps',
    ],
    ['twelve million instructions', 'N0'.repeat(6_000_000), '10000000 steps'],
    ['twelve million marks', '('.repeat(12_000_000), '10000000 steps'],
    ['an endless integer', `\x8b${uint32(2_000_000)}${'\x7f'.repeat(2_000_000)}`, 'at most 1024 bytes'],
    ['endless digits', `L${'9'.repeat(60_000)}L\n`, 'an integer'],
    ['a line without end', `L${'9'.repeat(70_000)}`, 'a line end within'],
    ['a memo index beyond all', `Nr${uint32(4_000_000_000)}`, '10000000 memorised values'],
    ['a text beyond the file', `X${uint32(60_000_000)}x`, 'truncated'],
    ['a text beyond all', `X${uint32(4_000_000_000)}x`, 'at most 67108864 bytes'],
    ['bytes beyond all', `\x8e${uint32(0)}${uint32(4)}x`, 'at most 1073741824 bytes'],
    ['the name of a class without end', `${text('m'.repeat(5000))}${text('n')}\x93`, 'at most 1000 letters'],
    ['a value below a mark', 'N(0a', 'at byte'],
  ])('%s', async (_, pickle, words) => {
    const file = torchFile(pickle);
    const { message, time } = await took(() => readCheckpoint(file));
    expect(message).toMatch(/^unreadable-checkpoint: /);
    expect(message).toContain(words);
    expect(message.length).toBeLessThan(1500);
    expect(time).toBeLessThan(MOMENT);
  });

  test.each(['dag_key_top.pth', 'dag_key_meta.pth', 'big_key.pth', 'huge_shape_stride0.pth'])('%s', async (name) => {
    using file = openFile(join(folder, 'hostile', name));
    const { message, time } = await took(() => readCheckpoint(file));
    expect(message).toMatch(/^unreadable-checkpoint: /);
    expect(message.length).toBeLessThan(1000);
    expect(time).toBeLessThan(MOMENT);
  });

  test('integers of the longest kind are read in time that grows with their bytes', () => {
    const integers = `\x8b${uint32(1024)}${'\x7f'.repeat(1024)}0`.repeat(9000);
    const start = performance.now();
    expect(readCheckpoint(torchFile(withWeights(integers))).tensors.size).toBe(1);
    expect(performance.now() - start).toBeLessThan(2 * MOMENT);
  });
});

describe('what stands beside the weights does not keep them from being read', () => {
  test('keys that are numbers, short tuples, bytes, none', () => {
    const keys = ['K\x01', 'N', '\x88', 'G?\xe0\0\0\0\0\0\0', 'K\x01K\x02\x86', `(${text('a')}K\x01tN\x86`];
    const others = keys
      .slice(0, 5)
      .map((key) => `${key}N`)
      .join('');
    const { tensors } = readCheckpoint(torchFile(withWeights(others)));
    expect([...tensors.keys()]).toEqual(['w']);
  });
});

describe('tensors that are not there', () => {
  test.each([
    ['two thousand million elements of one', tensor(tuple(2 ** 31 - 1), tuple(0)), 'elements that are there'],
    ['more than 2^31', tensor(tuple(2 ** 20, 2 ** 20), tuple(0, 0)), 'the arguments that'],
    [
      'more than any number',
      tensor(tuple(...Array<number>(64).fill(2 ** 30)), tuple(...Array<number>(64).fill(0))),
      'the arguments that',
    ],
    [
      'more axes than there can be',
      tensor(tuple(...Array<number>(65).fill(1)), tuple(...Array<number>(65).fill(0))),
      'the arguments that',
    ],
    ['strides beyond the storage', tensor(tuple(2, 2), tuple(2 ** 30, 1)), 'tensors within their storages'],
  ])('%s', async (_, pickled, words) => {
    const file = torchFile(`}${text('w')}${pickled}s`);
    expect(await failure(() => readCheckpoint(file))).toContain(words);
  });

  test('none in endless rows are none', () => {
    const empty = tensor(tuple(...Array<number>(40).fill(2 ** 30), 0), tuple(...Array<number>(41).fill(1)));
    const { tensors } = readCheckpoint(torchFile(`}${text('w')}${empty}s`));
    expect(tensors.get('w')?.read()).toEqual(new Float32Array(0));
  });

  test('one storage in two types', async () => {
    const two = `}(${text('a')}${tensor(tuple(1), tuple(1))}${text('b')}${tensor(tuple(1), tuple(1), 'IntStorage')}u`;
    expect(await failure(() => readCheckpoint(torchFile(two)))).toContain(
      "storage '0' as float32 but received 'int32'",
    );
  });

  test('a repeated element is read as often as its shape says', () => {
    const { tensors } = readCheckpoint(torchFile(`}${text('w')}${tensor(tuple(3, 2), tuple(0, 0))}s`));
    expect(tensors.get('w')?.read()).toEqual(new Float32Array(6));
  });
});
