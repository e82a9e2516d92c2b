/** Loops over the table: a step that is added is held to the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { openedConfig } from '../../models/opened_config.js';
import { type ConfigObject, sourced } from '../../registry/config_tree.js';
import { knownKeys } from '../../registry/schema_keys.js';
import { STEPS } from '../../steps/index.js';
import { prepareFrame, stepDivisor, testPipelineSchema } from '../../steps/pipeline.js';
import { formulaPicture } from '../images/formula_picture.js';
import { ROWS } from '../import_order.js';
import { parts, STEP_CONFIGS } from '../registry/sample_configs.js';
import { detector } from '../tools/tiny_models.js';
import { ROOT } from '../workspace.js';

test('every registered step has a config here, and a place in the documents', () => {
  expect(Object.keys(STEP_CONFIGS).toSorted()).toEqual(STEPS.names().toSorted());
  const text = readFileSync(`${ROOT}docs/configs.md`, 'utf8');
  for (const type of STEPS.names()) expect(text).toContain(`\`${type}\``);
});

test('no other room decides by the type of a step', () => {
  const branch = RegExp(`(?:case|[!=]==) '(?:${STEPS.names().join('|')})'`);
  const rooms = ROWS.flat().filter((room) => room !== 'steps');
  const files = rooms.flatMap((room) =>
    readdirSync(`${ROOT}${room}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${room}/${name}`),
  );
  expect(files.length).toBeGreaterThan(300);
  const deciding = files.filter((file) => branch.test(readFileSync(`${ROOT}${file}`, 'utf8')));
  // mmdet 2 gave its Resize the scale from outside, and called keys otherwise.
  expect(deciding).toEqual(['registry/old_pipeline.ts', 'registry/old_preprocessor.ts', 'registry/old_steps.ts']);
});

/** What a config's own pipeline says of a step. */
function thrownFor(step: object): unknown {
  const tree: ConfigObject = JSON.parse(JSON.stringify({ ...detector, test_pipeline: [step] }));
  try {
    openedConfig({ ...sourced(tree, 'a.json'), sources: ['a.json'] });
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const sizes = [
  [33, 21],
  [21, 33],
  [8, 8],
  [64, 48],
] as const;

const titled = parts(STEP_CONFIGS).map((step) => ({ step, title: JSON.stringify(step) }));

describe.each(titled)('$title', ({ step }) => {
  const pipeline = testPipelineSchema().parse([step]);
  const known = knownKeys(STEPS.get(step.type, 'test').schema, [], step);

  test('misspelt keys are refused, and the right ones named', () => {
    const { type, ...given } = step;
    for (const key of [...Object.keys(given), ...known]) {
      const path = `test_pipeline.0.${key}z`;
      const error = thrownFor({ ...step, [`${key}z`]: 1 });
      expect(error).toBeInstanceOf(LowformerError);
      expect(error).toMatchObject({ code: 'invalid-config', path });
      expect(String(error)).toContain(`Did you mean '${key}'?`);
    }
    expect(known).not.toContain('type');
    expect(type).toBe(STEPS.get(type, 'test').type);
  });

  test.each(sizes)('%ix%i: annotations go with the pixels, and nothing of what came is changed', (width, height) => {
    const image = formulaPicture(width, height, 7);
    const labels = image.data.filter((_, i) => i % 3 === 0);
    const boxes = Float32Array.of(1, 2, width - 1, height - 2, 0, 0, 3, 4);
    const annotations = {
      objects: { boxes, labels: Int32Array.of(5, 2) },
      labelMap: { width, height, labels },
    };
    const before = structuredClone({ image, annotations });
    const frame = prepareFrame(image, pipeline, annotations);
    expect({ image, annotations }).toEqual(before);

    const { pixels, transform } = frame;
    expect(frame.annotations.labelMap).toMatchObject({ width: pixels.width, height: pixels.height });
    expect(frame.annotations.labelMap?.labels).toHaveLength(pixels.width * pixels.height);
    expect(frame.annotations.objects?.boxes).toHaveLength(8);
    expect(frame.annotations.objects?.labels).toEqual(Int32Array.of(5, 2));

    const alone = prepareFrame(image, pipeline);
    expect(alone).toEqual({ pixels, transform, annotations: {} });
  });

  test('says truly which sizes it leaves', () => {
    for (const [width, height] of sizes) {
      const { pixels } = prepareFrame(formulaPicture(width, height, 1), pipeline);
      const divisor = pipeline[0] === undefined ? undefined : stepDivisor(pipeline[0]);
      if (divisor === undefined) expect([pixels.width, pixels.height]).toEqual([width, height]);
      else expect([pixels.width % divisor, pixels.height % divisor]).toEqual([0, 0]);
    }
  });
});
