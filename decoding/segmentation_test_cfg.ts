/** mmseg's `test_cfg` of a segmentor: whole pictures, or windows that slide over them. */
import { z } from 'zod';
import { sideLength } from '../core/bounded_numbers.js';
import type { SlidingWindows } from '../registry/define.js';

/** [height, width], as mmseg writes sizes. */
const pair = z.tuple([sideLength, sideLength]).readonly();

const slideSchema = z
  .strictObject({
    mode: z.literal('slide'),
    crop_size: pair.describe('[height, width] of a window'),
    stride: pair.describe('[down, across] from one window to the next'),
  })
  .superRefine(({ crop_size, stride }, context) => {
    if (stride.every((step, axis) => step <= (crop_size[axis] ?? 0))) return;
    const message = `expected no more than crop_size, [${crop_size.join(', ')}]: what lies between windows has no labels`;
    context.addIssue({ code: 'custom', path: ['stride'], message, input: stride });
  });

export const segmentationTestSchema = z
  .discriminatedUnion('mode', [z.strictObject({ mode: z.literal('whole').optional() }), slideSchema])
  .prefault({ mode: 'whole' });

/** A checked `test_cfg`. */
export type SegmentationTest = z.output<typeof segmentationTestSchema>;

/** Of windows alone: what mmseg does not read where the mode is another. */
const OF_SLIDE = ['crop_size', 'stride'];
/** mmseg's PointRend head reads them; configs whose head is exchanged for another keep them. */
const OF_POINT_REND = ['subdivision_steps', 'subdivision_num_points', 'scale_factor'];

/** What mmseg takes and does not read: keys of another mode, or of another head. */
export function unusedTestKeys({ mode = 'whole' }: Readonly<Record<string, unknown>>): readonly string[] {
  return mode === 'whole' ? [...OF_SLIDE, ...OF_POINT_REND] : OF_POINT_REND;
}

/** undefined where a picture goes through the network whole. */
export function windowsOf(test: SegmentationTest | undefined): SlidingWindows | undefined {
  if (test?.mode !== 'slide') return undefined;
  const [[height, width], [down, across]] = [test.crop_size, test.stride];
  return { crop: { height, width }, stride: { height: down, width: across } };
}
