/** A run as workers see it: what is to be run, and all that decides its numbers. Paths are data; nothing in it is code. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { parsedJson } from '../core/parsed_json.js';
import { PRECISIONS } from '../graph/onnx/precision.js';

/** Of what is written to Redis: raised with each change of it, so that two builds of one version can be told apart, too. */
export const PROTOCOL = 2;

export const runSchema = z.strictObject({
  /** Of the package. */
  version: z.string(),
  protocol: z.literal(PROTOCOL),
  /** Who gave it out: host and process. */
  from: z.string(),
  /** A config, resolved: JSON. */
  config: z.string(),
  /** `fingerprint` of that config, parsed. */
  configDigest: z.string(),
  /** Where the weights lie, there; `model` is the name of a published model that may have them, too. */
  checkpoint: z.strictObject({ path: z.string(), digest: z.string(), model: z.string().optional() }),
  batchSize: z.int().positive(),
  pictures: z.int().min(0),
  load: z.strictObject({
    checkpointKey: z.exactOptional(z.string()),
    allowMismatch: z.exactOptional(z.array(z.string())),
    device: z.exactOptional(z.string()),
    engine: z.exactOptional(z.string()),
    precision: z.exactOptional(z.enum(PRECISIONS)),
    fastMath: z.exactOptional(z.boolean()),
    tta: z.exactOptional(z.boolean()),
    denseBoxes: z.exactOptional(z.boolean()),
  }),
});
export type RunRecord = z.output<typeof runSchema>;

/** Both are named apart where they differ; earlier builds say no protocol. */
const versionSchema = z.object({ version: z.string(), protocol: z.int().default(1) });

/**
 * @param version this package's own.
 * @throws {LowformerError} `invalid-argument` for a run of another version or protocol, whose form nobody knows.
 */
export function parseRun(text: string, id: string, version: string): RunRecord {
  const value = parsedJson(text);
  const wrong = (expected: string, received: unknown, hint: string) =>
    new LowformerError({ code: 'invalid-argument', where: `run ${id}`, expected, received, hint });
  const told = versionSchema.safeParse(value);
  if (told.success && told.data.version !== version) {
    const hint = 'Install the same version on every machine.';
    throw wrong(`work of lowformer ${version}, which this worker is,`, told.data.version, hint);
  }
  if (told.success && told.data.protocol !== PROTOCOL) {
    const expected = `work of protocol ${PROTOCOL}, which this worker's build of lowformer ${version} speaks,`;
    throw wrong(expected, `protocol ${told.data.protocol}`, 'Install the same build on every machine.');
  }
  const run = runSchema.safeParse(value);
  if (run.success) return run.data;
  throw wrong('a run that lowformer wrote', text.slice(0, 60), 'Something else writes to this Redis.');
}
