/** From a built model to what an engine runs: the only place outside of `graph/` that asks for passes. No Node API. */
import type { Size } from '../core/frame.js';
import type { Graph, Network, ParameterSource } from '../graph/graph.js';
import { optimise, type Pass, rearrange, specialise } from '../graph/passes/index.js';
import { type Tower, towerAlone, towerAtPixels, withoutTower } from '../graph/towers.js';
import { commonDivisor } from '../images/target_size.js';
import type { TestPipeline } from '../steps/pipeline.js';
import type { Model } from './model.js';
import { sizeDivisor, windowDivisor } from './size_divisor.js';

/** What of a network runs: what the head says, the feature maps of the backbone alone, or every feature map and the head. */
export type DeployedOutputs = 'head' | 'backbone' | 'all';

/** The heights and widths of inputs: what decides whether crops and resizes can be left out. */
export type InputSizes =
  /** All that the network takes. */
  | { readonly kind: 'any' }
  /** What a pipeline makes of pictures, whatever their size. */
  | { readonly kind: 'prepared'; readonly pipeline: TestPipeline }
  /** What any of several pipelines makes of pictures. */
  | { readonly kind: 'views'; readonly views: readonly TestPipeline[] }
  /** These. */
  | { readonly kind: 'fixed'; readonly sizes: readonly Size[] };

export interface Use {
  /** `head` unless told otherwise. */
  readonly outputs?: DeployedOutputs;
  readonly inputs: InputSizes;
  /** `switchedPasses`, beside those that every engine gains by: none unless told otherwise. */
  readonly passes?: readonly Pass[];
}

/**
 * The network as an engine runs it: branches merged, norms folded, and what does nothing at the sizes that will come left
 * out. Inputs of other sizes must not be given to it.
 */
export function deploy(model: Model, parameters: ParameterSource, use: Use): Network {
  const { graph, divisor, passes } = deployment(model, use);
  return deployGraph({ graph, parameters }, divisor, passes);
}

/** What of a model `deploy` makes a network of, before any pass has run: this, and the parameters, decide about it. */
export function deployment(model: Model, { outputs = 'head', inputs, passes = [] }: Use) {
  return { graph: deployedGraph(model, outputs), divisor: divisorOf(model, inputs), passes };
}

/** What `deploy` gives, made when it is first asked for. */
export function deployLater(model: Model, parameters: ParameterSource, use: Use): Network {
  return later(() => deploy(model, parameters, use));
}

/** A network in two: what runs first, and its box tower, as `graph/towers.ts` has them. */
export interface DeployedParts {
  readonly tower: Tower;
  readonly first: Network;
  readonly towerEverywhere: Network;
  readonly towerAtPixels: Network;
}

/** The parts of a network whose tower is `tower`, each made when it is first asked for. */
export function deployParts(model: Model, parameters: ParameterSource, tower: Tower, use: Use): DeployedParts {
  const { graph, divisor, passes } = deployment(model, use);
  const alone = later(() => optimise({ graph: towerAlone(graph, tower), parameters }));
  return {
    tower,
    first: later(() => deployGraph({ graph: withoutTower(graph, tower), parameters }, divisor, passes)),
    towerEverywhere: later(() => rearrange(alone, passes, { divisor })),
    towerAtPixels: later(() => towerAtPixels(alone)),
  };
}

function later(make: () => Network): Network {
  let made: Network | undefined;
  const network = () => {
    made ??= make();
    return made;
  };
  return {
    get graph() {
      return network().graph;
    },
    get parameters() {
      return network().parameters;
    },
  };
}

/** The same for a graph that is no model's. @param divisor of height and width of every input; 1 where nothing is known. */
export function deployGraph(network: Network, divisor: number, passes: readonly Pass[] = []): Network {
  const optimised = optimise(network);
  return rearrange(divisor > 1 ? specialise(optimised, divisor) : optimised, passes, { divisor });
}

/** What is deployed, before any pass has run over it: with the outputs that are asked for. */
export function deployedGraph({ graph, wholeGraph, features }: Model, outputs: DeployedOutputs): Graph {
  switch (outputs) {
    case 'head':
      return graph;
    case 'all':
      return wholeGraph;
    case 'backbone': {
      const maps = features.filter(({ name }) => name.startsWith('c')).map(({ name, value }) => ({ name, value }));
      return { ...wholeGraph, outputs: maps };
    }
  }
}

/** A number that divides the height and the width of every input that will come; 1 where nothing is known. */
export function divisorOf(model: Model, inputs: InputSizes): number {
  switch (inputs.kind) {
    case 'any':
      return model.sizeDivisor;
    case 'prepared': {
      const windows = model.task === 'segmentation' ? model.windows : undefined;
      return windows === undefined
        ? sizeDivisor(inputs.pipeline, model.preprocessor, model.sizeDivisor)
        : windowDivisor(windows, sizeDivisor(inputs.pipeline, model.preprocessor, 1), model.sizeDivisor);
    }
    case 'views':
      return inputs.views.map((pipeline) => divisorOf(model, { kind: 'prepared', pipeline })).reduce(commonDivisor);
    case 'fixed':
      return inputs.sizes.flatMap(({ height, width }) => [height, width]).reduce(commonDivisor);
  }
}
