import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { MaxDetections } from '../evaluation/coco_parameters.js';

export const maxDetectionsSchema = z.tuple([z.number(), z.number(), z.number()]).optional();

/** `--max-dets 100,300,1000`, mmdet's `proposal_nums`. */
export function maxDetectionsOption(): Option {
  return new Option(
    '--max-dets <a,b,c>',
    'the most detections of a class and picture that count: 1,10,100 by default; AP is taken at 100, the rest at the last',
  ).argParser(maxDetections);
}

function maxDetections(text: string): MaxDetections {
  const [fewest = 0, more = 0, most = 0, ...others] = text.split(',').map(Number);
  const ascends = [fewest, more, most].every(Number.isInteger) && fewest >= 1 && fewest < more && more < most;
  if (ascends && others.length === 0 && [fewest, more, most].includes(100)) return [fewest, more, most];
  throw new InvalidArgumentError('Expected three ascending whole numbers with 100 among them, such as 100,300,1000.');
}
