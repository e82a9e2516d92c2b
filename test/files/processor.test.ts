import { expect, test } from 'vitest';
import { instructionSets, processorFlags, processorName } from '../../files/processor.js';

test.each([
  ['flags\t\t: fpu sse2 avx avx2 fma rdtscp', 'AVX2, FMA'],
  [
    'flags: avx2 avx512f avx512_vnni avx512_bf16 amx_tile amx_int8 amx_bf16 fma',
    'AVX2, FMA, AVX-512, AVX512-VNNI, AVX512-BF16, AMX, AMX-INT8, AMX-BF16',
  ],
  ['Features\t: fp asimd asimdhp asimddp i8mm bf16 sve', 'NEON, NEON fp16, NEON dotprod, i8mm, bf16, SVE'],
  ['flags: fpu sse2 avx2x', 'none'],
  ['', 'unknown'],
])('%s: %s', (flags, expected) => {
  expect(instructionSets(flags)).toBe(expected);
});

test('of this machine', () => {
  expect(processorName()).not.toBe('');
  if (process.platform === 'linux') expect(processorFlags()).toMatch(/^(?:flags|Features)\s*:/);
  else expect(instructionSets()).toBe('unknown');
});
