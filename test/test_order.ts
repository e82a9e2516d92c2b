/** Which files of tests start first. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, the longest first: begun last, it would keep one processor busy while the others wait. */
const LONGEST: readonly string[] = [
  'docs/commands',
  'registry/every_combination',
  'engines/tfjs/networks',
  'tools/commands/evaluate',
  'tools/web/pictures',
  'tools/commands/gradients',
  'tools/commands/train',
].map((name) => `/test/${name}.test.ts`);

/** The longest first, then the others as vitest has them: the larger file before the smaller. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
