/** The same networks in PyTorch: their source here, their numbers where a Python has it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Row } from '../../../benchmarks/gpu/record.js';
import { alternate } from '../../../benchmarks/gpu/torch/alternate.js';
import { besideTorch } from '../../../benchmarks/gpu/torch/beside.js';
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
