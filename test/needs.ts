/** Tests that need more than Node: skipped where it is not there, and named with it at the end of a run. */
import 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What a skipped test, or every test of a skipped suite, would need. */
    needs?: string;
  }
}

/** What tests may need, in words for someone who has never seen this project. */
export const NEEDS = {
  datasets: 'pictures and networks that are not part of the repository (BCCD, CamVid), in ../shared',
  wholeTensors: 'the whole reference tensors in ../shared; their small form in test/fixtures/reference is compared',
  browser: 'Chromium in /usr/bin, or where CHROMIUM says (npm run test:devices installs it)',
  openssl: 'the command openssl',
  curl: 'the commands curl and openssl',
  redis: 'redis-server (npm run test:devices installs it)',
  valkey: 'valkey-server (npm run test:devices installs it)',
  ffmpeg: 'ffmpeg and ffprobe (npm run test:devices installs them)',
  docker: 'Docker with its service, which builds images, and reaches docker.io',
  hadolint: 'hadolint, which reads Dockerfiles (npm run test:devices installs it)',
  onnx: 'a Python with the package onnx, named by LOWFORMER_PYTHON (npm run test:devices)',
  tritonclient: 'a Python with the package tritonclient[http], named by LOWFORMER_PYTHON (npm run test:devices)',
  annotationReaders:
    'a Python with the packages datumaro, ultralytics and labelme, named by LOWFORMER_PYTHON (npm run test:devices)',
  datumaro: 'a Python with the package datumaro, named by LOWFORMER_PYTHON (npm run test:devices)',
  labelStudio: 'a Python with the package label-studio-sdk, named by LOWFORMER_PYTHON (npm run test:devices)',
  torch: 'a Python with the package torch, named by LOWFORMER_PYTHON',
  graphics: 'a graphics driver: Vulkan in software (npm run test:devices)',
  arm64: 'an ARM64 emulator (npm run test:devices)',
  tfjsNode: 'the package @tensorflow/tfjs-node with its library (npm run test:devices)',
  openvino: "OpenVINO's library beside python3, or where LOWFORMER_OPENVINO says (npm run test:devices)",
  bfloat16: 'a processor with bfloat16 instructions',
  noBfloat16: 'a processor without bfloat16 instructions',
  bareRoot: 'a graphics driver, and root, who may open a root with a network of its own (unshare)',
  tfjsWebgpu: 'the packages of TensorFlow.js for WebGPU (npm run test:devices)',
  bundlers: 'the bundlers esbuild and Next (npm run test:devices)',
  controlGroup: 'root, and a control group of its own (npm run test:devices)',
  models: 'some minutes: the published networks at full size (npm run test:models)',
  training: 'some minutes: runs that are stopped and go on, and steps of every recipe (npm run test:training)',
  processors: 'taskset, and to be asked for (npm run test:devices)',
  registry: 'the npm registry, for packages that nobody else installs (npm run test:devices)',
  memory: '6 GB of free memory',
  notRoot: 'a user who may not read every file: not root',
  root: 'root on Linux, who may mount a small disk',
  notWindows: 'another system than Windows',
  linux: 'Linux',
  x64: 'another processor than ARM64',
} as const;

export interface NeedOptions {
  readonly skip?: true;
  readonly meta?: { needs: string };
}

/**
 * Options of a test or a suite: `test('title', needs('browser', existsSync(CHROMIUM)), …)`.
 * @param there whether it is; otherwise the test is skipped. The body of a suite runs even so.
 */
export function needs(what: keyof typeof NEEDS, there: boolean): NeedOptions {
  return there ? {} : { skip: true, meta: { needs: NEEDS[what] } };
}
