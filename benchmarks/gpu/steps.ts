/** What is measured, in the order of its worth: a run that ends early has the first of them. */
import type { OnnxPrecision } from '../../graph/onnx/precision.js';
import type { Row } from './record.js';

export interface StepContext {
  /** Tiny networks and few runs. */
  readonly short: boolean;
  /** Aborted some seconds before the step is killed. */
  readonly signal: AbortSignal;
  /** Keeps a row, at once. */
  readonly emit: (row: Row) => void;
}

export interface Step {
  readonly name: string;
  /** Seconds that it may take at most, in the whole form. */
  readonly seconds: number;
  /** The device that it needs; it is left out where that is not there. */
  readonly device: string;
  readonly run: (context: StepContext) => Promise<void>;
}

const PRECISIONS: readonly OnnxPrecision[] = ['float32', 'float16'];

/** The steps of a graphics device. Each one's code is loaded when it runs. */
function deviceSteps(device: string): readonly Step[] {
  return [
    {
      name: `equality ${device}`,
      seconds: 50,
      device,
      run: async (context) => (await import('./equality.js')).equality(device, 'first', context),
    },
    ...PRECISIONS.map((precision) => ({
      name: `pairs ${device} ${precision}`,
      seconds: 50,
      device,
      run: async (context: StepContext) => (await import('./pairs.js')).pairs({ device, precision }, context),
    })),
    {
      name: `PyTorch beside ${device}`,
      seconds: 65,
      device,
      run: async (context) => {
        const { LOWFORMER_PYTHON: python, LOWFORMER_TORCH_DEVICE: torchDevice } = process.env;
        const pythons = python === undefined ? ['python3', 'python'] : [python];
        await (await import('./torch/beside.js')).besideTorch({ device, pythons, torchDevice }, context);
      },
    },
    {
      name: `blocks ${device} float32`,
      seconds: 35,
      device,
      run: async (context) => (await import('./blocks.js')).blocks({ device, precision: 'float32' }, context),
    },
    {
      name: `detectors and segmentors ${device} float16`,
      seconds: 35,
      device,
      run: async (context) => (await import('./dense.js')).dense({ device, precision: 'float16' }, context),
    },
    ...PRECISIONS.map((precision) => ({
      name: `forms ${device} ${precision}`,
      seconds: 25,
      device,
      run: async (context: StepContext) => (await import('./forms.js')).forms({ device, precision }, context),
    })),
    {
      name: `500 runs ${device}`,
      seconds: 20,
      device,
      run: async (context) => (await import('./life.js')).steady({ device, precision: 'float32' }, context),
    },
    {
      name: `two models at once ${device}`,
      seconds: 15,
      device,
      run: async (context) => (await import('./life.js')).together({ device, precision: 'float32' }, context),
    },
    {
      name: `too large a network ${device}`,
      seconds: 15,
      device,
      run: async (context) => (await import('./life.js')).tooLarge({ device, precision: 'float32' }, context),
    },
    {
      name: `lost device ${device}`,
      seconds: 15,
      device,
      run: async (context) => (await import('./lost.js')).lost({ device, precision: 'float32' }, context),
    },
    {
      name: `equality of the others ${device}`,
      seconds: 25,
      device,
      run: async (context) => (await import('./equality.js')).equality(device, 'others', context),
    },
  ];
}

/** Those of ONNX Runtime's CUDA and TensorRT, where the machine has their libraries: in what time is left. */
function nvidiaSteps(device: string): readonly Step[] {
  return [
    {
      name: `equality ${device}`,
      seconds: 50,
      device,
      run: async (context) => (await import('./equality.js')).equality(device, 'first', context),
    },
    {
      name: `pairs ${device} float16`,
      seconds: 50,
      device,
      run: async (context) => (await import('./pairs.js')).pairs({ device, precision: 'float16' }, context),
    },
  ];
}

export const STEPS: readonly Step[] = [deviceSteps('webgpu'), nvidiaSteps('cuda'), nvidiaSteps('tensorrt')].flat();
