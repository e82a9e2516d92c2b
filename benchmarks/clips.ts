/** Frames of a clip to boxes against the bare network, and how old the newest result of a live source is. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Tensor } from '../core/tensor.js';
import { createEngine, threadLimit } from '../engines/index.js';
import { toBatch } from '../images/batch.js';
import { median, othersIn, quantile, ratios, type Turns, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { loadDetector } from '../models/load_model.js';
import { openConfig, predictionParts } from '../models/open_config.js';
import { prepareFrame } from '../steps/pipeline.js';
import type { VideoFrame } from '../video/decode.js';
import { FFMPEG_VARIABLE } from '../video/ffmpeg.js';
import { framesOf } from '../video/frames.js';
import { predictNewest } from '../video/newest.js';
import { interruptedText, type LongCase, rowsOfCases } from './long_cases.js';
import { bareNetwork, type MeasuredDetector, measuredDetectors } from './measured_detectors.js';
import { processorTimes } from './processor_times.js';
import type { Cell, Report } from './report.js';
import { inTemporaryFolder } from './temporary_folder.js';

const run = promisify(execFile);
const FFMPEG = process.env[FFMPEG_VARIABLE] ?? 'ffmpeg';

const CLIP = { width: 640, height: 360, rate: 25, frames: 300 } as const;
/** Frames that are run in a round; those of the demo's model take as long. */
const LARGE = { name: 'RetinaNet B1, 512x512', config: 'retinanet_lowformer-b1_fpn_1x_coco', pictures: 30 } as const;
const WARM_UP = 1;
/** Of the rounds of both clips. */
const SECONDS = 90;
/** Of a live source. */
const LIVE_SECONDS = 10;
/** Of the network alone, before a live source is read. */
const NETWORK_RUNS = 12;
/** A source that never begins is given up. */
const PATIENCE = 60_000;

const BAR = 0.95;

/** The bars: 95 % of the bare network's rate; of a live source an age of the network's time and one frame's. */
export async function benchmarkClips(rounds = 3): Promise<Report> {
  const title = 'Clips and live sources';
  if (!(await hasFfmpeg())) {
    process.stderr.write(`no ${FFMPEG}: nothing measured\n`);
    return { title, how: `Not measured: there is no ffmpeg (${FFMPEG}).`, rows: [] };
  }
  return inTemporaryFolder(async (folder) => {
    process.stderr.write('drawing\n');
    const clip = await drawClip(folder);
    const detectors = await measuredDetectors(folder, LARGE);
    const cases = detectors.flatMap((detector, i): readonly LongCase[] => [
      {
        name: `${detector.name}, clip`,
        measure: (turns) =>
          clipAgainstNetwork(detector, clip, i === 0 ? CLIP.frames : detector.pictures, {
            ...turns,
            rounds,
            warmUp: WARM_UP,
          }),
      },
      { name: `${detector.name}, live`, measure: ({ signal }) => ageOfNewest(detector, clip, signal) },
    ]);
    const rows = await rowsOfCases(cases, { seconds: 2 * SECONDS, rounds: rounds + WARM_UP });
    return {
      title,
      how: `A clip of ${CLIP.width}x${CLIP.height} to boxes as \`detect\` does it, with as many sessions as cores, against those sessions alone on tensors of the same frames, in turns; frames a second, "share" is the median of network's time / clip's time. Processor times in milliseconds a frame: of this process with the clip and with the bare network, and of ffmpeg, which decodes; "share it leaves" is what is left of all cores for the network beside ffmpeg. Live: the clip at its own pace over TCP for ${LIVE_SECONDS} s, one session, always the newest frame; the age is the time from a frame's arrival to its result, its bar the network's time alone and the time between two frames. Its processor times are those of a session with a thread for each core, whose threads wait busily for one another: more than sessions of one thread take, and bare as well as with the source; "frames read" are those that come in for a result, each of which is copied out of the pipe.${interruptedText()}`,
      rows,
    };
  });
}

async function hasFfmpeg(): Promise<boolean> {
  return run(FFMPEG, ['-version']).then(
    () => true,
    () => false,
  );
}

/** A moving pattern with noise, which takes decoding as films do. */
async function drawClip(folder: string): Promise<string> {
  const clip = join(folder, 'clip.mp4');
  const source = `testsrc2=size=${CLIP.width}x${CLIP.height}:rate=${CLIP.rate},noise=alls=6:allf=t`;
  const common = ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-frames:v', `${CLIP.frames}`];
  const encode = (codec: readonly string[]) => run(FFMPEG, [...common, ...codec, '-pix_fmt', 'yuv420p', clip]);
  await encode(['-c:v', 'libx264', '-preset', 'veryfast']).catch(() => encode(['-c:v', 'mpeg4', '-q:v', '4']));
  return clip;
}

/** Frames of the clip as the network gets them. */
async function inputsOf(
  { config, options }: MeasuredDetector,
  clip: string,
  count: number,
): Promise<readonly Tensor[]> {
  const opened = await openConfig(config, options.cfgOptions);
  const { pipeline } = predictionParts(opened);
  const inputs: Tensor[] = [];
  for await (const frame of framesOf(clip, { to: count / CLIP.rate })) {
    inputs.push(toBatch([prepareFrame(frame, pipeline)], opened.model.preprocessor, opened.model.sizeDivisor).input);
  }
  return inputs;
}

async function clipAgainstNetwork(
  detector: MeasuredDetector,
  clip: string,
  frames: number,
  turns: Turns,
): Promise<readonly Record<string, Cell>[]> {
  const { name, config, options } = detector;
  const sessions = threadLimit().threads;
  const inputs = await inputsOf(detector, clip, Math.min(frames, 8));
  await using model = await loadDetector(config, { ...options, sessions });
  using network = await bareNetwork(detector);
  await using engine = await createEngine('onnxruntime', network, { device: 'cpu', sessions });
  const alone = async () => {
    let next = 0;
    const caller = async () => {
      while (next < frames) {
        const input = inputs[next++ % inputs.length];
        if (input !== undefined) await engine.run({ input });
      }
    };
    await Promise.all(Array.from({ length: sessions }, caller));
  };
  const decoding: number[] = [];
  const through = async () => {
    const before = childrenTime();
    const to = frames === CLIP.frames ? {} : { to: frames / CLIP.rate };
    let done = 0;
    for await (const outcome of model.predictMany(framesOf(clip, to), { transfer: true })) {
      if (!outcome.ok) throw outcome.error;
      done++;
    }
    if (done !== frames) throw new RangeError(`${done} of ${frames} frames`);
    decoding.push(childrenTime() - before);
  };
  const processor = processorTimes();
  const laps = await takeTurns([processor.timed(0, through), processor.timed(1, alone)], turns);
  if (laps.length === 0) return [];
  const speed = (i: number) => (1000 * frames) / median(timesOf(laps, i));
  const share = median(ratios(timesOf(laps, 1), timesOf(laps, 0)));
  const [withClip, bare] = [processor.median(0, turns.warmUp) / frames, processor.median(1, turns.warmUp) / frames];
  const ffmpeg = median(decoding.slice(turns.warmUp)) / frames;
  return [
    {
      model: name,
      source: `clip, ${frames} frames`,
      'frames a second': speed(0),
      'network alone': speed(1),
      share,
      'processor, clip': withClip,
      'frames read': 1,
      'processor, network': bare,
      'processor, ffmpeg': Number.isNaN(ffmpeg) ? '' : ffmpeg,
      'share it leaves': Number.isNaN(ffmpeg) ? '' : bare / (bare + ffmpeg),
      'age, median ms': '',
      'age, 95 %': '',
      others: othersIn(laps),
      bar: BAR,
      kept: share >= BAR ? 'yes' : 'no',
    },
  ];
}

interface StampedFrame extends VideoFrame {
  readonly arrived: number;
}

async function ageOfNewest(
  detector: MeasuredDetector,
  clip: string,
  interrupted: AbortSignal | undefined,
): Promise<readonly Record<string, Cell>[]> {
  const { name, config, options } = detector;
  const patience = AbortSignal.timeout(PATIENCE);
  const signal = interrupted === undefined ? patience : AbortSignal.any([interrupted, patience]);
  const [input] = await inputsOf(detector, clip, 1);
  if (input === undefined) throw new RangeError('no frame');
  await using model = await loadDetector(config, { ...options, sessions: 1 });
  using network = await bareNetwork(detector);
  await using engine = await createEngine('onnxruntime', network, { device: 'cpu' });
  const alone = process.cpuUsage();
  const networkTime = await medianTime(() => engine.run({ input }), NETWORK_RUNS);
  const networkProcessor = processorSince(alone) / NETWORK_RUNS;
  await using address = await pacedClip(clip);
  const ages: number[] = [];
  let read = 0;
  const processor = process.cpuUsage();
  try {
    for await (const outcome of predictNewest(
      model,
      stamped(address.url, signal, () => read++),
    )) {
      if (!outcome.ok) throw outcome.error;
      ages.push(performance.now() - outcome.source.arrived);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    // The rows of other cases are kept.
    process.stderr.write(`${name}, live: given up after ${ages.length} results\n`);
  }
  if (ages.length < 4) return [];
  const taken = processorSince(processor);
  // The first frames wait for a network that has not run yet.
  const counted = ages.slice(Math.min(5, ages.length >> 1));
  const limit = networkTime + 1000 / CLIP.rate;
  const late = quantile(counted, 0.95);
  return [
    {
      model: name,
      source: `live, ${CLIP.rate} frames a second`,
      'frames a second': ages.length / LIVE_SECONDS,
      'network alone': 1000 / networkTime,
      share: '',
      'processor, clip': taken / ages.length,
      'frames read': read / ages.length,
      'processor, network': networkProcessor,
      'processor, ffmpeg': '',
      'share it leaves': '',
      'age, median ms': median(counted),
      'age, 95 %': late,
      others: '',
      bar: limit,
      kept: late <= limit ? 'yes' : 'no',
    },
  ];
}

/** Milliseconds of processor that this process has taken. */
function processorSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function* stamped(
  address: string,
  signal: AbortSignal,
  seen: () => void,
): AsyncGenerator<StampedFrame, void, undefined> {
  // All of them: which is the newest, `predictNewest` says, and every one has its time of arrival here.
  for await (const frame of framesOf(address, { newest: false, to: LIVE_SECONDS, signal })) {
    seen();
    yield { ...frame, arrived: performance.now() };
  }
}

async function medianTime(work: () => Promise<unknown>, times: number): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await work();
    taken.push(performance.now() - start);
  }
  return median(taken.slice(2));
}

/** Whoever connects gets the clip at its own pace. */
async function pacedClip(clip: string): Promise<{ readonly url: string } & AsyncDisposable> {
  const children = new Set<ReturnType<typeof spawn>>();
  const server = createServer((socket) => {
    const arguments_ = ['-v', 'quiet', '-re', '-i', clip, '-c', 'copy', '-f', 'mpegts', 'pipe:1'];
    const child = spawn(FFMPEG, arguments_, { stdio: ['ignore', 'pipe', 'ignore'] });
    children.add(child);
    socket.on('error', () => child.kill()).on('close', () => child.kill());
    child.stdout.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return {
    url: `tcp://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill();
      server.close();
    },
  };
}

/** Hundredths of a second in the system's tables. */
const TICK = 10;

/** Milliseconds of processor that programs took which this process started, and which have ended; NaN where the system does not tell. */
function childrenTime(): number {
  try {
    // After the name in brackets: cutime and cstime are the 16th and 17th of all.
    const fields = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return TICK * (Number(fields[13]) + Number(fields[14]));
  } catch {
    return Number.NaN;
  }
}
