/** A server that is asked for more than it can do, for as long as it takes to see memory grow. */
import { Agent, request } from 'node:http';
import { setInterval } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { drawDemoScene } from '../drawing/demo_scene.js';
import { median } from '../measuring/timing/measure.js';
import { loadDetector } from '../models/load_model.js';
import { DEFAULT_LIMITS } from '../service/limits.js';
import { DEMO } from './measured_detectors.js';
import type { Report } from './report.js';
import { type Served, serveModel } from './served.js';

const MINUTES = 10;
/** Parts of that time; before, between and after them the pipeline is measured alone, since a machine's speed changes within minutes. */
const PARTS = 5;
/** Of what the pipeline does alone. */
const OVERLOAD = 1.5;
/** Seconds of the pipeline alone. */
const ALONE = 12;
const SAMPLE = 2000;

/** The bars: nothing but answers and 429; p99 of what was accepted as long as the queue; throughput and memory as at the start. */
export async function benchmarkServerLoad(minutes = MINUTES): Promise<Report> {
  const { data, ...size } = drawDemoScene(0).image;
  const picture = await sharp(data, { raw: { ...size, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
  await using server = await serveModel(DEMO.config, DEMO.checkpoint);
  const parts: (Load & { readonly pipeline: number })[] = [];
  let before = await alone(picture);
  for (let part = 0; part < PARTS; part++) {
    const load = await underLoad(server, picture, {
      rate: Math.round(before * OVERLOAD),
      seconds: Math.round((minutes * 60) / PARTS),
    });
    const after = await alone(picture);
    parts.push({ ...load, pipeline: (before + after) / 2 });
    before = after;
  }
  const served = (load: Load) => load.accepted.length / load.seconds;
  const share = median(parts.map((load) => served(load) / load.pipeline));
  // Those that wait and those that run, each as long as one takes, are ahead of one that is accepted last.
  const longest = (load: Load) => (1000 * (DEFAULT_LIMITS.waiting + 2)) / served(load);
  const late = median(parts.map((load) => percentile(load.accepted, 0.99) / longest(load)));
  const sum = (count: (load: Load) => number) => parts.reduce((all, load) => all + count(load), 0);
  const [first, last] = [parts[0]?.memory ?? [], parts.at(-1)?.memory ?? []];
  const growth = median(last) / median(first);
  const row = (what: string, figure: number, bar: number | '' = '', isKept?: boolean) => {
    return { what, figure, bar, kept: isKept === undefined ? '' : isKept ? 'yes' : 'no' };
  };
  return {
    title: 'A server under load',
    how: `\`lowformer serve\` with the demo's model and its defaults, asked for ${OVERLOAD} times what the pipeline does alone, for ${minutes} minutes in ${PARTS} parts from the same machine, a JPEG of ${size.width}x${size.height} each, whether or not those before are answered; the pipeline alone is \`predictMany\` of the same bytes, ${ALONE} seconds before and after each part. Ratios are medians over the parts. Latencies are those of accepted requests, and the queue is ${DEFAULT_LIMITS.waiting} that wait and 2 that run; memory is the resident memory of the server, the median of the last part over that of the first, its first tenth aside.`,
    rows: [
      row('asked, requests/s', sum(({ asked }) => asked) / sum(({ seconds }) => seconds)),
      row('the pipeline alone, pictures/s', median(parts.map(({ pipeline }) => pipeline))),
      row('served, over the pipeline', share, 0.95, share >= 0.95),
      row('refused with 429, of all', sum(({ refused }) => refused) / sum(({ asked }) => asked)),
      row(
        'other answers',
        sum(({ others }) => others),
        0,
        sum(({ others }) => others) === 0,
      ),
      row(
        'connections that failed',
        sum(({ failed }) => failed),
        0,
        sum(({ failed }) => failed) === 0,
      ),
      row('median of accepted, ms', median(parts.map(({ accepted }) => percentile(accepted, 0.5)))),
      row('p99 of accepted, ms', median(parts.map(({ accepted }) => percentile(accepted, 0.99)))),
      row('p99, over what the queue takes', late, 1.1, late <= 1.1),
      row('memory, MB', median(last)),
      row('memory at the end, over the start', growth, 1.05, growth <= 1.05),
    ],
  };
}

/** Pictures a second of the pipeline without a server. */
async function alone(picture: Uint8Array): Promise<number> {
  await using model = await loadDetector(DEMO.config, { checkpoint: DEMO.checkpoint });
  const until = (seconds: number) =>
    (function* () {
      const end = performance.now() + 1000 * seconds;
      while (performance.now() < end) yield picture;
    })();
  for await (const outcome of model.predictMany(until(2))) if (!outcome.ok) throw outcome.error;
  const start = performance.now();
  let count = 0;
  for await (const outcome of model.predictMany(until(ALONE))) {
    if (!outcome.ok) throw outcome.error;
    count++;
  }
  return (1000 * count) / (performance.now() - start);
}

interface Load {
  readonly seconds: number;
  readonly asked: number;
  /** Milliseconds of each request that was answered with 200. */
  readonly accepted: readonly number[];
  readonly refused: number;
  /** Answers with another status. */
  readonly others: number;
  readonly failed: number;
  /** MB, after the first tenth. */
  readonly memory: readonly number[];
}

/**
 * Requests at an even rate. Load generators that wait for an answer before they ask again, as autocannon's connections do, ask a slow
 * server for no more than it can do.
 */
async function underLoad(
  server: Served,
  picture: Buffer,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<Load> {
  const agent = new Agent({ keepAlive: true });
  const accepted: number[] = [];
  const memory: number[] = [];
  let [asked, refused, others, failed] = [0, 0, 0, 0];
  const start = performance.now();
  const settled = start + seconds * 100;
  const sampling = setInterval(() => {
    const now = server.memory();
    if (now !== undefined && performance.now() > settled) memory.push(now);
  }, SAMPLE);
  const ask = async () => {
    asked++;
    const begun = performance.now();
    const status = await answered(`${server.address}/v1/models/model/detect`, picture, agent);
    if (status === 200) accepted.push(performance.now() - begun);
    else if (status === 429) refused++;
    else if (status === undefined) failed++;
    else others++;
  };
  try {
    const all = new Set<Promise<void>>();
    for (let i = 0; i < rate * seconds; i++) {
      const due = start + (1000 * i) / rate - performance.now();
      if (due > 0) await setTimeout(due);
      const one = ask().finally(() => all.delete(one));
      all.add(one);
    }
    await Promise.all(all);
    return { seconds: (performance.now() - start) / 1000, asked, accepted, refused, others, failed, memory };
  } finally {
    clearInterval(sampling);
    agent.destroy();
  }
}

/** Sends a picture. @returns the status; undefined where the connection failed. */
function answered(url: string, picture: Buffer, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'image/jpeg', 'content-length': picture.length };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
      response.on('error', () => resolve(undefined));
    });
    sent.on('error', () => resolve(undefined));
    sent.end(picture);
  });
}

function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
