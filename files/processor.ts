/** What the system says of the processor. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** `AMD EPYC`; `unknown` where the system does not tell. */
export function processorName(): string {
  return (cpus()[0]?.model ?? 'unknown').replace(/\s+/g, ' ').trim();
}

/** Linux's line of instruction sets, `flags: fpu avx2 …` or ARM's `Features: …`; empty on other systems. */
export function processorFlags(): string {
  try {
    return /^(?:flags|Features)\s*:.*$/m.exec(readFileSync('/proc/cpuinfo', 'latin1'))?.[0] ?? '';
  } catch {
    return '';
  }
}

/** Names as makers write them, by Linux's: those that networks run faster by. */
const INSTRUCTION_SETS = {
  avx2: 'AVX2',
  fma: 'FMA',
  avx512f: 'AVX-512',
  avx_vnni: 'AVX-VNNI',
  avx512_vnni: 'AVX512-VNNI',
  avx512_bf16: 'AVX512-BF16',
  avx512_fp16: 'AVX512-FP16',
  amx_tile: 'AMX',
  amx_int8: 'AMX-INT8',
  amx_bf16: 'AMX-BF16',
  amx_fp16: 'AMX-FP16',
  asimd: 'NEON',
  asimdhp: 'NEON fp16',
  asimddp: 'NEON dotprod',
  i8mm: 'i8mm',
  bf16: 'bf16',
  sve: 'SVE',
  sve2: 'SVE2',
  sme: 'SME',
} as const satisfies Record<string, string>;

/**
 * `AVX2, FMA, AVX-512, AVX512-VNNI`: without them a time says little, since two processors of one name may differ in them.
 * `none` where it has none of those; `unknown` where the system does not tell.
 */
export function instructionSets(flags: string = processorFlags()): string {
  if (flags === '') return 'unknown';
  const words = new Set(flags.split(/[\s:]+/));
  const found = Object.entries(INSTRUCTION_SETS).filter(([flag]) => words.has(flag));
  return found.map(([, name]) => name).join(', ') || 'none';
}
