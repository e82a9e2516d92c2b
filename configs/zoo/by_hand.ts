/**
 * Where the weights of a shipped config are to be had by hand alone: the authors of LowFormer publish those of their
 * classifiers (all but B2) in a folder that a page leads to, not under addresses of their own.
 */
const LOWFORMER = 'https://github.com/altair199797/LowFormer';

const PAGES: ReadonlyMap<string, string> = new Map(
  ['b0', 'b1', 'b15', 'b3', 'e1', 'e2', 'e3'].map((arch) => [`lowformer-${arch}_in1k`, LOWFORMER]),
);

/** The page that leads to a config's weights; undefined where there is none. */
export function weightsPage(name: string): string | undefined {
  return PAGES.get(name);
}
