/** How long a good request waits behind many that are wrong. */
import type { Socket } from 'node:net';
import sharp from 'sharp';
import { drawDemoScene } from '../drawing/demo_scene.js';
import { median } from '../measuring/timing/measure.js';
import { seededRandom } from '../test/random.js';
import { malformedRequests, OF_ANY_ROUTE, OF_PICTURES } from '../test/service/malformed_requests.js';
import { send } from '../test/service/send_request.js';
import { DEMO } from './measured_detectors.js';
import type { Report } from './report.js';
import { serveModel } from './served.js';

const KINDS = { ...OF_ANY_ROUTE, ...OF_PICTURES };

const REQUESTS = 10_000;
/** Wrong requests between two good ones. */
const EACH = 50;
const AT_ONCE = 8;
/** Milliseconds. */
const BAR = 100;

/** The bar: behind whatever was sent, the next good request is answered within 100 ms, and none is a fault. */
export async function benchmarkMalformedRequests(): Promise<Report> {
  const { data, ...size } = drawDemoScene(0).image;
  const picture = await sharp(data, { raw: { ...size, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
  await using server = await serveModel(DEMO.config, DEMO.checkpoint);
  const good = async () => {
    const start = performance.now();
    const response = await fetch(`${server.address}/v1/models/model/detect`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg' },
      body: new Uint8Array(picture),
    });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`a good request was answered with ${response.status}`);
    return performance.now() - start;
  };
  for (let i = 0; i < 20; i++) await good();
  const quiet: number[] = [];
  for (let i = 0; i < 50; i++) quiet.push(await good());

  const requests = malformedRequests(
    { path: '/v1/models/model/detect', body: picture, kinds: KINDS },
    seededRandom(11),
  );
  const held = new Set<Socket>();
  const behind: number[] = [];
  const memory = server.memory();
  let [unexpected, most] = [0, 0];
  try {
    for (let sent = 0; sent < REQUESTS; sent += EACH) {
      let left = EACH;
      const sender = async () => {
        while (left-- > 0) {
          const { value } = requests.next();
          if (value === undefined) return;
          const { status } = await send(server.port, value, held);
          if (!value.statuses.includes(status)) unexpected++;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sender));
      behind.push(await good());
      most = Math.max(most, held.size);
    }
  } finally {
    for (const socket of held) socket.destroy();
  }
  const longest = Math.max(...behind);
  const grown = (server.memory() ?? 0) - (memory ?? 0);
  const kept = (isKept: boolean) => (isKept ? 'yes' : 'no');
  return {
    title: 'Requests that are wrong',
    how: `${REQUESTS} requests of ${Object.keys(KINDS).length} kinds (damaged, lying, slow, too large, no HTTP), ${AT_ONCE} at a time, at \`lowformer serve\` with the demo's model; after every ${EACH} a good one, a JPEG of ${size.width}x${size.height}. Connections that were left hanging stay so until the server cuts them.`,
    rows: [
      { what: 'a good request before, median ms', figure: median(quiet), bar: '', kept: '' },
      { what: 'a good request between, median ms', figure: median(behind), bar: '', kept: '' },
      { what: 'a good request between, longest ms', figure: longest, bar: BAR, kept: kept(longest <= BAR) },
      { what: 'answers other than expected', figure: unexpected, bar: 0, kept: kept(unexpected === 0) },
      { what: 'connections left hanging, at most', figure: most, bar: '', kept: '' },
      { what: 'memory afterwards, MB more', figure: grown, bar: '', kept: '' },
    ],
  };
}
