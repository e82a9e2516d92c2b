/** Decisions that are taken in one place: whoever needs one asks there, and no second copy drifts from the first. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROWS } from './import_order.js';

const root = new URL('../', import.meta.url);
const sources = ROWS.flat().flatMap((room) =>
  readdirSync(new URL(room, root), { recursive: true, encoding: 'utf8' })
    .map((name) => `${room}/${name.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, code: withoutComments(readFileSync(new URL(file, root), 'utf8')) })),
);

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

interface Decision {
  readonly decision: string;
  /** What the code of it, and no other, looks like. */
  readonly looks: RegExp;
  readonly places: readonly string[];
}

const DECISIONS: readonly Decision[] = [
  {
    decision: 'which passes a network goes through for a use',
    looks: /(?<!function )\b(?:optimise|specialise|rearrange)\(/,
    places: ['tasks/deploy.ts'],
  },
  {
    decision: 'that dead code goes, and the graph is verified, after a pass',
    looks: /(?<!function )\b(?:removeDeadCode|verifyGraph)\(/,
    places: ['graph/builder.ts', 'graph/passes/pass.ts'],
  },
  {
    decision: 'how a config’s model becomes a network',
    looks: /(?<!function )\bbuildModel\(/,
    places: ['models/opened_config.ts'],
  },
  {
    decision: 'that a model has no weights to run with',
    looks: /\bcode: 'missing-weights'|function requireWeights/,
    places: ['models/require_weights.ts'],
  },
  {
    decision: 'in which form a checkpoint stores a module',
    looks: /\bform\?\.\(/,
    places: ['models/form_changes.ts'],
  },
  {
    decision: 'which pipeline steps there are',
    looks: /from '[./]+(?:steps\/)?(?:normalize|centre_crop|resize_edge)\.js'/,
    places: ['steps/index.ts'],
  },
  {
    decision: 'which formats of datasets there are',
    looks: /\bcoco,\s+voc,\s+yolo\b/,
    places: ['scoring/formats/index.ts'],
  },
  {
    decision: 'which metrics there are',
    looks: /\bcoco, voc, miou\b/,
    places: ['scoring/metrics/index.ts'],
  },
  {
    decision: 'which box coders there are',
    looks: /from '[./]+geometry\/(?:(?:legacy_)?delta_xywh|distance_point|tblr)_coder\.js'/,
    places: ['decoding/box_coders.ts', 'entry/geometry.ts'],
  },
  {
    decision: 'which priors there are',
    looks: /from '[./]+geometry\/(?:(?:legacy_)?anchors|points)\.js'/,
    places: ['decoding/prior_generators.ts', 'entry/geometry.ts'],
  },
  {
    decision: 'which suppressions there are',
    looks: /from '[./]+geometry\/(?:soft_)?nms\.js'/,
    places: ['decoding/suppressions.ts', 'entry/geometry.ts'],
  },
  {
    decision: 'which engines there are',
    looks: /from '[./]+\/(?:onnxruntime|tfjs)\/definition\.js'/,
    places: ['engines/engines.ts'],
  },
  {
    decision: 'what an error code of the system means',
    looks: /\bE(?:ACCES|ROFS|NOSPC|MFILE|NAMETOOLONG|ISDIR|LOOP|DQUOT)\b/,
    places: ['files/system_error.ts'],
  },
  {
    decision: 'which names are near one another',
    looks: /editDistance|levenshtein/i,
    places: ['core/errors.ts'],
  },
  {
    decision: 'where in a text its JSON is wrong',
    looks: /at position|split\('\\n'\)[^;]*;[^;]*\bposition\b/,
    places: ['models/config/json_error.ts'],
  },
  {
    decision: 'which numbers look random',
    looks: /Math\.random\(|>>> 0\) \/ 2 \*\* 32|\^= \w+ << \d+/,
    places: ['core/random.ts'],
  },
  {
    decision: 'how a chart is laid out',
    looks: /from 'vega|import\('vega|import\('[./]+\/vega\.js'\)/,
    places: ['drawing/chart.ts', 'drawing/vega.ts'],
  },
  {
    decision: 'which packages TensorFlow.js is',
    looks: /(?<!^import type .*)'@tensorflow\//m,
    places: ['engines/tfjs/packages.ts'],
  },
];

test.each(DECISIONS)('$decision', ({ looks, places }) => {
  expect(sources.filter(({ code }) => looks.test(code)).map(({ file }) => file)).toEqual(places);
});
