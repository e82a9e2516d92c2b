/** Engines for one graph: for batches of the size that was foretold, and for all others. */
import { type Shape, sameShape } from '../../core/tensor.js';
import type { Engine } from '../../engines/engine.js';
import type { Network } from '../../graph/graph.js';
import { fixedInputs, runPasses } from '../../graph/passes/index.js';

export interface EnginesByShape extends AsyncDisposable {
  /**
   * Which engine runs a batch follows from its shape alone: a run that goes on has the same numbers again.
   * @throws {LowformerError} what `createEngine` throws, where a batch is the first of its kind.
   */
  of(batch: Shape): Promise<Engine>;
}

export interface UsualBatches {
  /** [N, 3, H, W]. Fewer pictures of that size, the last of an epoch, have an engine of their own as well. */
  readonly shape: Shape;
  /** The shapes of every input beside such a batch. */
  readonly inputs: (batch: Shape) => Readonly<Record<string, Shape>>;
}

/**
 * @param usual the batches that are to come; where they are not known, one engine takes all.
 * @throws {LowformerError} what `createEngine` throws.
 */
export async function enginesFor(
  createEngine: (network: Network) => Promise<Engine>,
  network: Network,
  usual: UsualBatches | undefined,
): Promise<EnginesByShape> {
  const forShape = (shape: Shape | undefined) =>
    createEngine(
      usual === undefined || shape === undefined ? network : runPasses(network, [fixedInputs(usual.inputs(shape))]),
    );
  const first = await forShape(usual?.shape);
  /** Of unusual batches, by their number of pictures; 0 for those of another size. */
  const others = new Map<number, Promise<Engine>>();
  return {
    async of(batch) {
      if (usual === undefined || sameShape(usual.shape, batch)) return first;
      const [most = 0, ...size] = usual.shape;
      const [pictures = 0, ...ownSize] = batch;
      const fewer = pictures < most && sameShape(size, ownSize);
      const known = others.get(fewer ? pictures : 0) ?? forShape(fewer ? batch : undefined);
      others.set(fewer ? pictures : 0, known);
      return known;
    },
    async [Symbol.asyncDispose]() {
      // Who asked for one that could not be made has heard why.
      const made = await Promise.allSettled(others.values());
      const open = [first, ...made.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))];
      await Promise.all(open.map((engine) => engine[Symbol.asyncDispose]()));
    },
  };
}
