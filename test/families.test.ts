/** What a network is called, and what its parameters are called, is known in its own file alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BACKBONES } from '../backbones/index.js';
import { HEADS } from '../heads/index.js';
import { NECKS } from '../necks/index.js';
import { buildModel } from '../tasks/build_model.js';
import { ROWS } from './import_order.js';
import { MODELS_OF_PARTS } from './registry/models_of_parts.js';

/** A family's own rooms: its module, its blocks, its configs. */
const OWN = ['backbones', 'necks', 'heads', 'configs'];

/** Where a family is the subject, or where two of one kind are: what they may name, and why. */
const ALLOWED: Readonly<Record<string, string>> = {
  'measuring/blocks/': "LowFormer's choices of blocks are what is measured",
  'measuring/paper/': "the LowFormer paper's comparison, with the figures published of each family",
  'tools/commands/benchmark.ts': 'examples of its use',
  'tools/main.ts': 'what the program is for',
  'layers/multihead_attention.ts': "torch's own layer, in whose names no family has a part",
  'layers/mobileone_block.ts': 'the block that MobileOne and FastViT are both built from',
};

const root = new URL('../', import.meta.url);
const sources = ROWS.flat()
  .filter((folder) => !OWN.includes(folder))
  .flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );

/** Papers and examples may be named in comments. */
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

/** `LowFormer`, as a type is written; the package is called so in small letters, and its identifiers `Lowformer`. */
const types = [...BACKBONES.names(), ...NECKS.names(), ...HEADS.names()];

/** Parts of parameter names that are no one's but a module's: `retina_cls`, `conv_proj`. Norms' statistics are everyone's. */
const parameterNames = [
  ...new Set(
    [...MODELS_OF_PARTS.values()].flatMap(({ model }) =>
      [...buildModel(model).wholeGraph.parameters.keys()].flatMap((name) => name.split('.').slice(1)),
    ),
  ),
].filter((part) => part.includes('_') && !/^(?:running_|num_batches_)/.test(part));

const words = (text: string, names: readonly string[], flags: string) =>
  [...text.matchAll(new RegExp(`(?<![A-Za-z])(?:${names.join('|')})(?![a-z])`, flags))].map(([word]) => word);

/** In other shapes: `efficientvit-b1`, `backbones/lowformer_blocks`. `fat` alone is a word of the language. */
const families = BACKBONES.names()
  .filter((name) => name.length > 3)
  .map((name) => (name === 'LowFormer' ? 'backbones/lowformer' : name));
const anyCase = (text: string) =>
  [...text.matchAll(new RegExp(`(?:${families.join('|')})`, 'gi'))].map(([word]) => word);

const found = (file: string): readonly string[] => {
  const text = withoutComments(readFileSync(new URL(file, root), 'utf8'));
  return [...new Set([...words(text, types, 'g'), ...words(text, parameterNames, 'g'), ...anyCase(text)])];
};

test('there are names to look for, and files to look in', () => {
  expect(parameterNames).toEqual(expect.arrayContaining(['retina_cls', 'conv_seg', 'lateral_convs', 'conv_proj']));
  expect(types).toEqual(expect.arrayContaining(['LowFormer', 'RetinaHead', 'FPN']));
  expect(sources.length).toBeGreaterThan(200);
});

test('no family is named outside its own file', () => {
  const named = sources
    .filter((file) => !Object.keys(ALLOWED).some((place) => file.startsWith(place)))
    .map((file) => [file, found(file)] as const)
    .filter(([, names]) => names.length > 0);
  expect(Object.fromEntries(named)).toEqual({});
});

test('each place that is allowed needs it', () => {
  for (const place of Object.keys(ALLOWED)) {
    expect(sources.filter((file) => file.startsWith(place)).flatMap(found), place).not.toEqual([]);
  }
});
