/** The same networks in PyTorch: their source here, their numbers where a Python has it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Row } from '../../../benchmarks/gpu/record.js';
import { alternate } from '../../../benchmarks/gpu/torch/alternate.js';
import { besideTorch, MODES } from '../../../benchmarks/gpu/torch/beside.js';
import { torchSource } from '../../../benchmarks/gpu/torch/source.js';
import { graphBuilder } from '../../../graph/builder.js';
import { openConfig } from '../../../models/open_config.js';
import { deploy } from '../../../tasks/deploy.js';
import { needs } from '../../needs.js';
import { hasPythonPackage, PYTHON } from '../../python.js';
import { formulaNetwork } from '../../run_network.js';

/** Which between them have every operation that a measured network has. */
const MEASURED = [
  ...['lowformer-b0', 'mobileone-s4', 'fastvit-sa12', 'fat-b0', 'efficientvit-b1', 'cpubone-b0', 'resnet50'].map(
    (name) => `${name}_in1k`,
  ),
  'retinanet_lowformer-b0_fpn_1x_coco',
  'sem-fpn_lowformer-b0_40k_ade20k-512x512',
];

async function sourceOf(name: string) {
  const { model } = await openConfig(name);
  const inputs = { kind: 'fixed', sizes: [{ width: 224, height: 224 }] } as const;
  return torchSource(deploy(model, formulaNetwork(model.wholeGraph).parameters, { inputs }).graph);
}

test('every measured network can be written, in a form that Python reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'torch-source-'));
  for (const name of MEASURED) {
    const { source, weights } = await sourceOf(name);
    expect(source.match(/self\.w\d+/g)?.length).toBeGreaterThanOrEqual(weights.length);
    writeFileSync(join(folder, `${name}.py`), source);
  }
  const program =
    'import ast, pathlib, sys\nfor path in pathlib.Path(sys.argv[1]).glob("*.py"): ast.parse(path.read_text())';
  const { status, stderr } = spawnSync('python3', ['-c', program, folder], { encoding: 'utf8' });
  // Where there is no python3 nothing is said of it.
  if (status !== null) expect(stderr).toBe('');
}, 30_000);

test('a network is one statement a node', () => {
  const g = graphBuilder();
  const x = g.input('input', 3);
  const y = g.relu(g.scope('stem').conv(x, { out: 8, kernel: 3, stride: 2 }));
  const pooled = g.emit('globalAveragePool', [y], {});
  const { source, weights, outputs } = torchSource(g.finish([{ name: 'logits', value: pooled }]));
  expect(source.slice(source.indexOf('class')).replaceAll(/\bv\d+/g, 'v')).toBe(`class Network(nn.Module):
    def __init__(self, weights):
        super().__init__()
        for i, weight in enumerate(weights):
            self.register_parameter(f'w{i}', nn.Parameter(weight, requires_grad=False))

    def forward(self, v):
        v = F.conv2d(v, self.w0, self.w1, 2, 1, 1, 1)
        v = F.relu(v)
        v = v.mean((2, 3))
        return (v,)
`);
  expect(weights.map(({ name, shape }) => [name, shape])).toEqual([
    ['stem.weight', [8, 3, 3, 3]],
    ['stem.bias', [8]],
  ]);
  expect(outputs).toEqual(['logits']);
  const shuffled = g.finish([{ name: 'y', value: g.emit('depthToSpace', [y], { factor: 2, crop: [0, 0] }) }]);
  expect(() => torchSource(shuffled)).toThrow(
    'expected an operation of the measured networks but received depthToSpace',
  );
});

test('contestants alternate A B B A, and the warm-up does not count', async () => {
  const order: string[] = [];
  let time = 0;
  const contestant = (name: string) => async () => {
    order.push(name);
    time += 1;
    return time;
  };
  const signal = new AbortController().signal;
  const times = await alternate([contestant('A'), contestant('B')], { rounds: 2, warmUp: 1, signal });
  expect(order.join('')).toBe('BAABBA');
  expect(times).toEqual([
    [3, 6],
    [4, 5],
  ]);
});

const TORCH = { ...needs('torch', hasPythonPackage('torch')), timeout: 180_000 };
const signal = new AbortController().signal;
const FAKE = fileURLToPath(new URL('./fake_cuda.py', import.meta.url));
const TITLES = MODES.map(({ title }) => title);

test('without PyTorch the step is not here, and says what Python says', async () => {
  const asked = besideTorch({ device: 'cpu', pythons: ['/nowhere/python'] }, { short: true, signal, emit() {} });
  await expect(asked).rejects.toThrow('no Python with PyTorch: spawn /nowhere/python ENOENT');
});

test('PyTorch on the processor gives our numbers, and is timed in turn', TORCH, async () => {
  const rows: Row[] = [];
  const emit = (row: Row) => void rows.push(row);
  const unable = besideTorch({ device: 'cpu', pythons: [PYTHON], torchDevice: 'xpu' }, { short: true, signal, emit });
  await expect(unable).rejects.toThrow(/^PyTorch .* is there, without xpu$/);
  const context = { short: true, signal, emit };
  await besideTorch({ device: 'cpu', pythons: [PYTHON], torchDevice: 'cpu' }, context);
  const exact = rows.filter(({ torch, agrees }) => torch === 'float32' && agrees !== undefined);
  expect(exact).toHaveLength(3);
  for (const { off } of exact) expect(off).toBeLessThan(1e-5);
  expect(rows.filter((row) => row.torch === 'float32' && typeof row['ours / torch'] === 'number')).toHaveLength(6);
});

describe('every way of running a network there, on a processor that passes for a card', TORCH, () => {
  let python = '';
  beforeAll(() => {
    python = join(mkdtempSync(join(tmpdir(), 'fake-cuda-')), 'python');
    writeFileSync(python, `#!/bin/sh\nOMP_NUM_THREADS=1 exec "${PYTHON}" "${FAKE}" "$@"\n`, { mode: 0o755 });
    return () => rmSync(dirname(python), { recursive: true });
  });

  async function besideFake(fails: string): Promise<readonly Row[]> {
    const rows: Row[] = [];
    vi.stubEnv('LOWFORMER_FAKE_FAILS', fails);
    try {
      await besideTorch(
        { device: 'cpu', pythons: [python], networks: ['tiny classifier'] },
        { short: true, signal, emit: (row) => void rows.push(row) },
      );
    } finally {
      vi.unstubAllEnvs();
    }
    return rows;
  }
  const of = (rows: readonly Row[], title: string) => rows.filter(({ torch }) => torch === title);

  test('gives our numbers, and is timed', async () => {
    const rows = await besideFake('');
    expect(rows[0]).toMatchObject({ device: 'fake card 0' });
    expect(new Set(rows.slice(1).map(({ torch }) => torch))).toEqual(new Set(TITLES));
    for (const title of TITLES) {
      const own = of(rows, title);
      expect(
        own.filter(({ agrees }) => agrees !== true && agrees !== undefined),
        title,
      ).toEqual([]);
      expect(
        own.filter(({ reason }) => reason !== undefined),
        title,
      ).toEqual([]);
      expect(
        own.filter(({ agrees }) => agrees === true),
        title,
      ).toHaveLength(1);
      expect(own.filter((row) => typeof row['ours / torch'] === 'number')).toHaveLength(
        title.includes('compile') ? 1 : 2,
      );
    }
  });

  test('what fails is a row of its own, and the others go on', async () => {
    const rows = await besideFake('graph compile tf32');
    const reasons = (title: string) => new Set(of(rows, title).map(({ reason }) => reason));
    expect(reasons('float32, CUDA graph')).toEqual(
      new Set(['not available: RuntimeError: CUDA error: operation not permitted when stream is capturing']),
    );
    expect(reasons('float16, torch.compile')).toEqual(
      new Set(['not available: RuntimeError: Windows not yet supported for torch.compile']),
    );
    expect(reasons('float32 with TF32')).toEqual(new Set([`not available: ${python} ended (9): `]));
    for (const title of ['float32', 'float16', 'float16, channels last']) {
      expect(
        of(rows, title).filter(({ agrees }) => agrees === true),
        title,
      ).toHaveLength(1);
    }
  });
});
