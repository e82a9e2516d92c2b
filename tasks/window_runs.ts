/**
 * Windows of a picture through the network, from the top down and somewhat ahead of who asks for them: while one row's
 * labels are made, the network has the next one's windows.
 */
import type { Size } from '../core/frame.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import type { Windows } from '../geometry/windows.js';
import { multipleSize } from '../images/target_size.js';

/** Where the windows' pixels come from. */
export interface WindowSource extends Size {
  /**
   * Windows of a row as the network takes them, [n, 3, h, w].
   * @param top of the row; rows come from the top down.
   * @param padded each window at the right and bottom, to this size.
   */
  cut(top: number, lefts: readonly number[], size: Size, padded: Size): Tensor | Promise<Tensor>;
}

export interface WindowRunsParts {
  /** Runs the network on some windows, [n, 3, h, w], which are given away. */
  readonly run: (input: Tensor) => Promise<Tensors>;
  /** Sides of what the network takes are multiples of it: windows are padded at the right and bottom. */
  readonly sizeDivisor: number;
  /** Runs that are under way together: 2 unless told otherwise, one at work and one that lies ready. */
  readonly runsAtOnce?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A window that has been through the network. */
export interface SeenWindow {
  readonly left: number;
  readonly top: number;
  readonly outputs: Tensors;
  readonly index: number;
}

/** Disposing of it begins no more runs, and waits for those under way. */
export interface WindowRuns extends AsyncDisposable {
  /** The top of the windows that `next` gives; undefined when all are given. */
  readonly top: number | undefined;
  /**
   * The windows of the next run: of one row, from the left. They are held here no longer.
   * @throws what the source and the network throw; the signal's reason when aborted; `RangeError` after the last.
   */
  next(): Promise<readonly SeenWindow[]>;
}

/** Pixels of the windows that go through the network in one run; one window at least. */
const PIXELS_AT_ONCE = 2 ** 20;

/** Bytes of outputs that are made ahead of what is asked for. */
const BYTES_AHEAD = 128 * 2 ** 20;

interface WindowRun {
  readonly top: number;
  readonly lefts: readonly number[];
  seen: readonly SeenWindow[] | undefined;
}

/** None begins before the first are asked for. */
export function windowRuns(source: WindowSource, { size, lefts, tops }: Windows, parts: WindowRunsParts): WindowRuns {
  const { run, sizeDivisor, runsAtOnce = 2, signal } = parts;
  const padded = multipleSize(size, [sizeDivisor, sizeDivisor]);
  const atOnce = Math.max(1, Math.floor(PIXELS_AT_ONCE / (padded.width * padded.height)));
  const runs = tops.flatMap((top) =>
    Array.from({ length: Math.ceil(lefts.length / atOnce) }, (_, i): WindowRun => {
      return { top, lefts: lefts.slice(i * atOnce, (i + 1) * atOnce), seen: undefined };
    }),
  );
  const underWay = new Set<Promise<void>>();
  /** The first run that is not begun, and the first that is not asked for. */
  let [begun, wanted] = [0, 0];
  /** Runs beyond those asked for: as many as are under way together, until it is known how much they give. */
  let ahead = runsAtOnce;
  let failure: { readonly reason: unknown } | undefined;
  let cutting = Promise.resolve<unknown>(undefined);

  const see = async (one: WindowRun): Promise<void> => {
    try {
      signal?.throwIfAborted();
      // A source is asked for one row after another.
      const cut = cutting.then(() => source.cut(one.top, one.lefts, size, padded));
      cutting = cut.catch(() => {});
      const outputs = await run(await cut);
      one.seen = one.lefts.map((left, index) => ({ left, top: one.top, outputs, index }));
      const bytes = Object.values(outputs).reduce((sum, { data }) => sum + data.byteLength, 0);
      ahead = Math.max(runsAtOnce, Math.floor(BYTES_AHEAD / bytes));
    } catch (reason) {
      failure ??= { reason };
    }
  };
  const begin = (): void => {
    while (failure === undefined && underWay.size < runsAtOnce && begun < Math.min(wanted + ahead, runs.length)) {
      const one = runs[begun++];
      if (one === undefined) return;
      const seeing = see(one).finally(() => {
        underWay.delete(seeing);
        begin();
      });
      underWay.add(seeing);
    }
  };

  return {
    get top() {
      return runs[wanted]?.top;
    },
    async next() {
      const one = runs[wanted++];
      if (one === undefined) throw new RangeError('no more windows');
      begin();
      while (failure === undefined && one.seen === undefined) await Promise.race(underWay);
      if (failure !== undefined) throw failure.reason;
      signal?.throwIfAborted();
      const seen = one.seen ?? [];
      one.seen = undefined;
      return seen;
    },
    async [Symbol.asyncDispose]() {
      failure ??= { reason: new RangeError('windows that are disposed of') };
      await Promise.all(underWay);
    },
  };
}
