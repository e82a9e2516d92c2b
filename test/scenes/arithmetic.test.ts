import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { angle, clamp, cosine, fraction, mix, sine, smoothstep, triangleWave } from '../../scenes/arithmetic.js';
import { ROOT } from '../workspace.js';

const turns = Array.from({ length: 2001 }, (_, i) => (i - 1000) / 311);

test('sine and cosine are as near as they say', () => {
  for (const t of turns) {
    expect(Math.abs(sine(t) - Math.sin(2 * Math.PI * t)), `${t}`).toBeLessThan(0.0017);
    expect(Math.abs(cosine(t) - Math.cos(2 * Math.PI * t)), `${t}`).toBeLessThan(0.0017);
  }
});

test('the angle is as near as it says, in all quarters', () => {
  for (const t of turns) {
    const found = angle(3 * Math.cos(2 * Math.PI * t), 3 * Math.sin(2 * Math.PI * t));
    const apart = Math.abs(found - fraction(t));
    expect(Math.min(apart, 1 - apart), `${t}`).toBeLessThan(0.0001);
    expect(found).toBeGreaterThanOrEqual(0);
    expect(found).toBeLessThanOrEqual(1);
  }
  expect([angle(0, 0), angle(1, 0), angle(0, 1), angle(-1, 0), angle(0, -1)]).toEqual([0, 0, 0.25, 0.5, 0.75]);
});

test('the others, at their ends and between', () => {
  expect([clamp(-1, 0, 2), clamp(1, 0, 2), clamp(3, 0, 2)]).toEqual([0, 1, 2]);
  expect([mix(2, 4, 0), mix(2, 4, 0.25), mix(2, 4, 1)]).toEqual([2, 2.5, 4]);
  expect([smoothstep(1, 3, 0), smoothstep(1, 3, 2), smoothstep(1, 3, 4), smoothstep(3, 1, 0)]).toEqual([0, 0.5, 1, 1]);
  expect([fraction(1.25), fraction(-0.25)]).toEqual([0.25, 0.75]);
  expect([triangleWave(0), triangleWave(0.25), triangleWave(0.5), triangleWave(1)]).toEqual([0, 0.5, 1, 0]);
});

test('scenes are drawn by nothing that engines or processors may round each in its own way', () => {
  const exact = ['floor', 'ceil', 'round', 'abs', 'min', 'max', 'sqrt', 'imul'];
  const sources = readdirSync(`${ROOT}scenes`, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const used = sources.flatMap((name) => {
    const code = readFileSync(`${ROOT}scenes/${name}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    const found = [...code.matchAll(/\bMath\.(\w+)|\*\*/g)].map(([whole, member]) => member ?? whole);
    return found.filter((member) => !exact.includes(member)).map((member) => `${name}: ${member}`);
  });
  expect(sources.length).toBeGreaterThan(20);
  expect(used).toEqual([]);
});
