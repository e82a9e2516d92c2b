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
/** Of what the pipeline does alone. */
const OVERLOAD = 1.5;
/** Seconds of the pipeline alone, before and after. */
const ALONE = 20;
const SAMPLE = 2000;

/** The bars: nothing but answers and 429; p99 of what was accepted as long as the queue; throughput and memory as at the start. */
export async function benchmarkServerLoad(minutes = MINUTES): Promise<Report> {
  const { data, ...size } = drawDemoScene(0).image;
  const picture = await sharp(data, { raw: { ...size, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
  const before = await alone(picture);
  const load = await underLoad(picture, { rate: Math.round(before * OVERLOAD), seconds: Math.round(minutes * 60) });
  const after = await alone(picture);
  const pipeline = (before + after) / 2;
  const served = load.accepted.length / load.seconds;
  const ninetyNine = percentile(load.accepted, 0.99);
  // Those that wait and those that run, each as long as one takes.
  const longest = (1000 * (DEFAULT_LIMITS.waiting + 2)) / served;
  const [first, last] = [load.memory.slice(0, load.memory.length >> 2), load.memory.slice(-(load.memory.length >> 2))];
  const growth = median(last) / median(first);
  const kept = (isKept: boolean) => (isKept ? 'yes' : 'no');
  const row = (what: string, figure: number | string, bar: number | string, isKept: boolean) => ({
    what,
    figure,
    bar,
    kept: kept(isKept),
  });
  return {
    title: 'A server under load',
    how: `\`lowformer serve\` with the demo's model and its defaults, asked for ${OVERLOAD} times what the pipeline does alone, for ${minutes} minutes from the same machine, a JPEG of ${size.width}x${size.height} each, whether or not those before are answered; the pipeline alone is \`predictMany\` of the same bytes, ${ALONE} seconds before and after. Latencies are those of accepted requests; memory is the resident memory of the server, the median of the last quarter over that of the first.`,
    rows: [
      { what: 'asked, requests/s', figure: load.asked / load.seconds, bar: '', kept: '' },
      { what: 'the pipeline alone, pictures/s', figure: pipeline, bar: '', kept: '' },
      row('served, pictures/s, over the pipeline', served / pipeline, 0.95, served / pipeline >= 0.95),
      { what: 'refused with 429, of all', figure: load.refused / load.asked, bar: '', kept: '' },
      row('other answers', load.others, 0, load.others === 0),
      row('connections that failed', load.failed, 0, load.failed === 0),
      { what: 'median of accepted, ms', figure: percentile(load.accepted, 0.5), bar: '', kept: '' },
      row('p99 of accepted, ms', ninetyNine, Math.round(1.1 * longest), ninetyNine <= 1.1 * longest),
      { what: 'memory, MB', figure: median(last), bar: '', kept: '' },
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
  /** MB, after the first minute or tenth. */
  readonly memory: readonly number[];
}

/**
 * Requests at an even rate. Load generators that wait for an answer before they ask again, as autocannon's connections do, ask a slow
 * server for no more than it can do.
 */
async function underLoad(
  picture: Buffer,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<Load> {
  await using server: Served = await serveModel(DEMO.config, DEMO.checkpoint);
  const agent = new Agent({ keepAlive: true });
  const accepted: number[] = [];
  const memory: number[] = [];
  let [asked, refused, others, failed] = [0, 0, 0, 0];
  const start = performance.now();
  const settled = start + Math.min(60_000, seconds * 100);
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
