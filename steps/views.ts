/** A config's `tta_pipeline`: several pipelines over one picture, each a look at it. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { TaskKind } from '../registry/define_task.js';
import { type ParseContext, parsePart } from '../registry/parse_module.js';
import { stepDivisor, stepResampling, type TestPipeline, testPipelineSchema } from './pipeline.js';

/** One pipeline a look, in mmcv's order: of the lists of `TestTimeAug` the last turns fastest. */
export type Views = readonly TestPipeline[];

/** Each runs the network once: more are a slip. */
const MOST_VIEWS = 256;

const TYPE = 'TestTimeAug';

const outerSchema = z.array(z.looseObject({ type: z.string() }));

/**
 * Checks a `tta_pipeline`: steps, one of which is mmcv's `TestTimeAug`.
 * @param task of the config, whose project may have defaults of its own.
 * @throws {LowformerError} `invalid-config`, naming the path: without looks, or with more than 256; for what is wrong with
 *   a step.
 */
export function parseViews(tree: unknown, task: TaskKind, context: ParseContext): Views {
  const steps = parsePart(outerSchema, tree, context);
  const at = steps.findIndex(({ type }) => type === TYPE);
  if (at < 0 || steps.some(({ type }, i) => type === TYPE && i !== at)) {
    const expected = `one step ${TYPE}, whose transforms say which looks at a picture there are`;
    throw invalid(context.path, expected, steps.map(({ type }) => type).join(', ') || 'no step');
  }
  const parse = (from: number, to?: number): TestPipeline => {
    const part = steps.slice(from, to);
    const items = part.map((_, i) => `${context.path}.${from + i}`);
    return parsePart(testPipelineSchema(task), part, { ...context, items });
  };
  const { transforms } = parsePart(severalSchema(task), steps[at], { ...context, path: `${context.path}.${at}` });
  const where = `${context.path}.${at}.transforms`;
  const empty = transforms.findIndex(({ length }) => length === 0);
  if (transforms.length === 0) throw invalid(where, 'one list of steps or more', '[]');
  if (empty >= 0) throw invalid(`${where}.${empty}`, 'one step or more: each is another look at the picture', '[]');
  const count = transforms.reduce((product, { length }) => product * length, 1);
  if (count > MOST_VIEWS) throw invalid(where, `at most ${MOST_VIEWS} looks at a picture`, count);
  const [before, after] = [parse(0, at), parse(at + 1)];
  return transforms
    .reduce<Views>((views, list) => views.flatMap((view) => list.map((step) => [...view, step])), [before])
    .map((view) => [...view, ...after]);
}

function severalSchema(task: TaskKind) {
  return z.strictObject({ type: z.literal(TYPE), transforms: z.array(testPipelineSchema(task)) });
}

/**
 * What stands in for a `tta_pipeline` that a config has not, as in mmdet's `tools/test.py`: the picture mirrored, and as it
 * is. It is mirrored before anything is cut off or added at its sides.
 */
export function mirroredViews(pipeline: TestPipeline): Views {
  const changesSides = pipeline.findIndex(
    (step) => stepDivisor(step) !== undefined && stepResampling(step) === undefined,
  );
  const at = changesSides < 0 ? pipeline.length : changesSides;
  const flip = { type: 'RandomFlip', prob: 1, direction: 'horizontal' };
  return [[...pipeline.slice(0, at), flip, ...pipeline.slice(at)], pipeline];
}

function invalid(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-config', where, expected, received });
}
